// Says what a chart's mark stands for, where the pointer or the keyboard is. Without it, the table below does.
"use strict";
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  const show = (mark) => {
    const box = mark.getBoundingClientRect();
    tip.textContent = mark.dataset.says;
    tip.hidden = false;
    const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    // Set by property, which a strict policy for styles allows.
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 0 ? above : box.bottom + 8}px`;
  };
  const marked = (event) => (event.target instanceof Element ? event.target.closest("[data-says]") : null);
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const mark = marked(event);
      if (mark) show(mark);
      else tip.hidden = true;
    });
  }
  document.addEventListener("focusout", () => { tip.hidden = true; });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
  // A slider says its amount while it is moved; what the amount does is the server's to say.
  document.addEventListener("input", (event) => {
    const slider = event.target;
    if (!(slider instanceof HTMLInputElement) || !slider.dataset.currency) return;
    const form = { style: "currency", currency: slider.dataset.currency, maximumFractionDigits: 0 };
    const said = new Intl.NumberFormat(document.documentElement.lang, form).format(slider.valueAsNumber);
    slider.setAttribute("aria-valuetext", said);
    for (const output of document.querySelectorAll(`output[for="${slider.id}"]`)) output.textContent = said;
  });
  document.addEventListener("DOMContentLoaded", () => document.body.append(tip));
  if (document.readyState !== "loading") document.body.append(tip);
})();
