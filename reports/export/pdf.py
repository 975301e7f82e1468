"""A page as PDF, as the system's own Chromium prints it.

self-contained HTML ─▶ a file in a folder of its own ─▶ Chromium without a window, a network or scripts ─▶
the PDF's bytes. It writes no HTML, and leaves neither process nor file behind.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from connectors.errors import Misconfigured, Unreachable

MEDIA_TYPE = "application/pdf"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
TIMEOUT_S = 60.0
# The page runs nothing and takes nothing from elsewhere, files of this machine included.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline' data:; img-src data:; font-src data:\">"
)
_SHEET = "<style>@page { size: A4; margin: 14mm 12mm }</style>"
_START = re.compile(r"\s*(<!doctype[^>]*>)?\s*(<html[^>]*>)?\s*(<head(\s[^>]*)?>)?", re.IGNORECASE)
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-breakpad",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--password-store=basic",
    "--use-mock-keychain",
    # The browser itself asks nobody either.
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


class NotPrinted(Unreachable):
    """The browser made no PDF, or not in time."""


def pdf(html: str, *, chromium: str | None = None, timeout_s: float = TIMEOUT_S) -> bytes:
    """The page as PDF: A4 unless it says ``@page`` itself.

    ``chromium`` is the program, or empty for the first found. ``Misconfigured`` when there is none;
    ``NotPrinted`` when it takes longer than ``timeout_s`` or gives no PDF. Each takes a browser of some
    300 MB: whoever makes several at once counts them.
    """
    program = find_chromium(chromium)
    with tempfile.TemporaryDirectory(prefix="triada-pdf-", ignore_cleanup_errors=True) as folder:
        return _printed(program, _on_paper(html), Path(folder), timeout_s=timeout_s)


def find_chromium(given: str | None = None) -> str:
    """The program that prints; ``Misconfigured`` says what to install."""
    for name in (given,) if given else NAMES:
        if found := shutil.which(name):
            return found
    looked = f"TRIADA_CHROMIUM names {given!r}, which is no program here" if given else "none is on the path"
    raise Misconfigured(
        f"PDF: it takes a Chromium or Chrome to make one, and {looked}; install one "
        "(`apt-get install chromium`, `dnf install chromium`) or set TRIADA_CHROMIUM to where it is"
    )


def _on_paper(html: str) -> str:
    ours = _POLICY if "@page" in html else _POLICY + _SHEET
    start = _START.match(html)
    place = start.end() if start else 0
    return html[:place] + ours + html[place:]


def _printed(program: str, html: str, folder: Path, *, timeout_s: float) -> bytes:
    page, made, said = folder / "page.html", folder / "page.pdf", folder / "said"
    page.write_text(html, encoding="utf-8-sig")  # whatever the page says of its encoding
    arguments = [program, *_QUIET, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}"]
    if os.geteuid() == 0:  # where Chromium refuses to start otherwise
        arguments.append("--no-sandbox")
    with said.open("wb") as heard:
        process = subprocess.Popen(
            [*arguments, page.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=heard,
            stderr=heard,
            env=_environment(folder),
            start_new_session=True,
        )
        try:
            status = process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise NotPrinted(
                f"PDF: {program} was not done within the time it had and was stopped; try again, or ask for "
                "fewer pages at once"
            ) from None
        finally:
            _end(process)
    content = made.read_bytes() if made.exists() else b""
    if status != 0 or not content.startswith(b"%PDF-"):
        last = said.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["nothing"]
        raise NotPrinted(
            f"PDF: {program} ended with status {status} and no PDF; it said {last[0][:300]!r}. Try again; "
            f"`{program} --version` shows whether it starts at all"
        )
    return content


def _environment(folder: Path) -> dict[str, str]:
    """What a browser needs and no more: none of our secrets, and no settings of whoever runs it."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder)}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
