"""The manager's page: one self-contained HTML file a language, made from the published warehouse.

Marts in, sentences and charts made on the way, one file out, put in place whole. It fetches nothing and
nothing it writes fetches anything: style, charts and icons are inside the page, and there is no script.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import settings
from reports.needs import needs
from reports.reader import Reader, rounded
from reports.sections import ill, sections
from reports.tables import Row, Tables, read
from reports.texts import LANGUAGES

COMPANY = "Tríada"
TEMPLATES = Path(__file__).with_name("templates")
STEADY = Decimal("0.02")
"""A change up to this, the marts take for none."""
REASONS = 5
"""Reasons that the stale banner gives; the data-quality pages have all."""
FRESH_STATES = ("fresh", "published", "ok")


def render(
    published: Path,
    out: Path,
    *,
    locale: str = "en",
    status: Mapping[str, Any] | None = None,
    company: str = COMPANY,
    links: Mapping[str, str] | None = None,
) -> Path:
    """Write the page of ``published`` to ``out`` for a reader of ``locale``, and give ``out``.

    ``status`` is the document of ``triada status --json`` or its ``warehouse`` part: a state that is not
    fresh, or a flow that stopped, makes the stale banner.
    ``links`` are addresses of the same page by language. Zone and currency are the company's settings.
    ``Refused`` when the file is no published warehouse, ``Misconfigured`` for an unknown locale.
    """
    tables = read(published)
    return _render(tables, out, locale=locale, status=status, company=company, links=links or {})


def render_all(
    published: Path, folder: Path, *, status: Mapping[str, Any] | None = None, company: str = COMPANY
) -> tuple[Path, ...]:
    """Write ``index.html`` (English) and ``index.es.html`` into ``folder``, from one read, linked."""
    tables = read(published)
    names = {
        language: "index.html" if language == "en" else f"index.{language}.html" for language in LANGUAGES
    }
    return tuple(
        _render(tables, folder / name, locale=language, status=status, company=company, links=names)
        for language, name in names.items()
    )


def _render(
    tables: Tables,
    out: Path,
    *,
    locale: str,
    status: Mapping[str, Any] | None,
    company: str,
    links: Mapping[str, str],
) -> Path:
    ours = settings.load()
    reader = Reader.of(locale, timezone=ours.timezone, currency=ours.currency)
    text = (
        environment(reader)
        .get_template("page.html.j2")
        .render(
            company=company,
            links={language: link for language, link in links.items() if language != reader.locale.language},
            as_of=max((row["as_of"] for row in tables["metrics"] if row["as_of"]), default=None),
            stale=stale(status or {}),
            fresh=freshness(tables["health"], reader),
            needs=needs(tables, reader),
            sections=sections(tables, reader),
            tables=tables,
        )
    )
    return put(out, text)


def environment(reader: Reader) -> Environment:
    """The templates with this reader's formats; everything that is not markup of ours is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        t=reader.text,
        word=reader.word,
        reader=reader,
        share=share,
        steady=STEADY,
        css=Markup((TEMPLATES / "page.css").read_text("utf-8")),
    )
    made.tests["ill"] = ill
    for name in ("money", "number", "percent", "hours", "days", "working_days", "day", "month", "instant"):
        made.filters[name] = getattr(reader, name)
    made.filters["significant"] = reader.significant
    return made


def share(value: Any, top: Any) -> str:
    """``value`` as a percentage of ``top`` for a bar's width, in the form CSS reads; none is no bar."""
    return f"{rounded(min(max((value or 0) * 100 / Decimal(top), Decimal(0)), Decimal(100)), 1):f}"


def freshness(health: Sequence[Row], reader: Reader) -> tuple[str, Markup]:
    """A state word and a sentence about all streams together."""
    late = sum(1 for row in health if row["state"] == "stale")
    if not any(row["read_at"] for row in health):
        return "empty", reader.text("fresh.none")
    return (
        ("stale", reader.text("fresh.some", late))
        if late
        else ("fresh", reader.text("fresh.all", len(health)))
    )


def stale(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the banner says when the warehouse or a flow stands still; ``None`` when all is well."""
    warehouse: Mapping[str, Any] = status.get("warehouse", status) or {}
    stopped = [
        flow["flow"] for flow in status.get("flows") or () if flow.get("state") in ("failed", "stopped")
    ]
    held = bool(warehouse) and warehouse.get("state") not in FRESH_STATES
    if not held and not stopped:
        return None
    failed = warehouse.get("failed_checks") or 0
    return {
        "since": instant(warehouse.get("stale_since") or warehouse.get("published_at")),
        "held": held,
        "failed": len(failed) if isinstance(failed, Sequence) else failed,
        "names": ", ".join(map(str, failed)) if isinstance(failed, Sequence) else "",
        "reasons": [said for said in (warehouse.get("reasons") or {}).values() if said][:REASONS],
        "stopped": ", ".join(stopped),
    }


def instant(value: dt.datetime | str | None) -> dt.datetime | None:
    """An instant as the status carries it, aware or as RFC 3339 text."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def put(out: Path, text: str) -> Path:
    """``text`` at ``out``, whole or not at all: whoever reads meanwhile sees the page before."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return out
