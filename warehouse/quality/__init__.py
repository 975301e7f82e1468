"""The data-quality pages: what the gates found, as local HTML in English and Spanish.

``quality`` of the build file and ``status.json`` -> an index, a page and a CSV file for each check that did
not pass -> ``reports/quality`` under ``TRIADA_HOME``. They fetch nothing, have no script, and mask personal
values. They judge nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.quality.findings import Check, Findings, read, write_rows
from warehouse.quality.words import LANGUAGES, Words
from warehouse.status import read_status

if TYPE_CHECKING:
    from settings import Settings

TEMPLATES = Path(__file__).parent
SHOWN_ROWS = 1_000
"""Failing rows on a page; all of them are in the file beside it."""


def render(settings: Settings) -> list[Path]:
    """Write every page, each put in place whole; the indexes first. Pages of checks that pass now go."""
    folder = settings.report_file.parent / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    found = read(settings, rows=SHOWN_ROWS)
    pages = [path for language in LANGUAGES for path in _pages(folder, found, language, settings=settings)]
    files = write_rows(settings, folder, found.unsound)
    kept = {path.name for path in (*pages, *files)}
    for old in (*folder.glob("*.html"), *folder.glob("*.csv")):
        if old.name not in kept:
            old.unlink()
    return sorted(pages, key=lambda page: (not page.name.startswith("index"), page.name))


def _pages(folder: Path, found: Findings, language: str, *, settings: Settings) -> Iterator[Path]:
    words = Words(language, settings.timezone)
    templates = _environment(words)
    shared: dict[str, Any] = {
        "found": found,
        "status": read_status(settings),
        "company": settings.company,
        "page_of": lambda check, other=language: page_name(check.slug, other),
        "index": page_name("index", language),
    }
    yield _put(
        folder / page_name("index", language),
        templates.get_template("index.html.j2").render(**shared, links=_links("index", language)),
    )
    for check in found.unsound:
        yield _put(
            folder / page_name(check.slug, language),
            templates.get_template("check.html.j2").render(
                **shared, check=check, links=_links(check.slug, language)
            ),
        )


def page_name(slug: str, language: str) -> str:
    """The file of a page; English has the plain name."""
    return f"{slug}.html" if language == LANGUAGES[0] else f"{slug}.{language}.html"


def _links(slug: str, language: str) -> dict[str, str]:
    return {other: page_name(slug, other) for other in LANGUAGES if other != language}


def _environment(words: Words) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = Markup((TEMPLATES / "quality.css").read_text("utf-8"))
    made.globals.update(t=words.text, words=words, css=css, strip=strip)
    made.filters.update(number=words.number, instant=words.instant, seconds=words.seconds)
    return made


def strip(check: Check) -> list[tuple[int, str]]:
    """The runs of a check's history strip that did not pass: place from the left, outcome."""
    return [(place, result) for place, (_, result) in enumerate(check.history) if result != "passed"]


def _put(out: Path, text: str) -> Path:
    """``text`` at ``out``, whole or not at all: whoever reads meanwhile sees the page before."""
    fresh = out.with_name(f".{out.name}.new")
    fresh.write_text(text, encoding="utf-8")
    return fresh.replace(out)
