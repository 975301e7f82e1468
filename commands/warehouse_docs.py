"""``triada docs warehouse``: the tables' pages with their lineage, as local HTML files without script.

the build file, the models and describe.yml → one page a stream and table, and one that shows all →
``$TRIADA_HOME/docs/warehouse``. They are made of what was built last; nothing on them is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commands.lineage_graph import Drawn, around, draw
from commands.warehouse_pages import Page, pages
from settings import Settings
from warehouse.catalogue import Catalogue, read_catalogue
from warehouse.lineage import trace_all
from warehouse.model import models
from warehouse.status import read_status

TEMPLATES = Path(__file__).with_name("templates")
KINDS = {
    "marts": "Marts: one table a question",
    "core": "Core: facts and dimensions",
    "planning": "Planning: what is to come",
    "stream": "Streams: what the systems know",
}


def render(settings: Settings) -> list[Path]:
    """Write every page; the path of the first one to open."""
    catalogue = read_catalogue(settings)
    folder = settings.home.resolve() / "docs" / "warehouse"
    traced = trace_all(models(), catalogue.columns, kept=folder / "lineage.json")
    known = pages(catalogue, traced)
    edges = {name: page.reads & known.keys() for name, page in known.items()}
    shared = _shared(settings, catalogue)
    template = _environment()
    index = template.get_template("warehouse_index.html.j2").render(
        **shared,
        groups={title: [p for p in known.values() if p.kind == kind] for kind, title in KINDS.items()},
        graph=_graph(known, known, title="What every table is made of"),
        columns=sum(len(page.columns) for page in known.values() if page.sql),
        not_traced={name: page.not_traced for name, page in known.items() if page.not_traced},
        gates=catalogue.gates,
    )
    written = {"index.html": index}
    for page in known.values():
        near = around(page.name, edges)
        some = {name: known[name] for name in known if name in near}
        written[page.file] = template.get_template("warehouse_table.html.j2").render(
            **shared,
            page=page,
            graph=_graph(some, known, title=f"Lineage of {page.name}", here=page.name),
            known=known,
            read_by=sorted(other.name for other in known.values() if page.name in other.reads),
            own_records=sorted(page.reads - known.keys()),
            read_at=catalogue.read_at.get(page.name),
            changed_at=catalogue.changed_at.get(page.name),
        )
    for name, text in written.items():
        _put(folder / name, text)
    for old in set(folder.glob("*.html")) - {folder / name for name in written}:
        old.unlink()  # of a table that is no more
    return [folder / "index.html"]


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda at: f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
    return environment


def _shared(settings: Settings, catalogue: Catalogue) -> dict[str, Any]:
    """What stands on every page."""
    from markupsafe import Markup

    status = read_status(settings)
    return {
        "company": settings.company,
        "style": Markup((TEMPLATES / "warehouse.css").read_text(encoding="utf-8")),
        "status": status,
        "published_at": (status["published_at"] or "")[:16].replace("T", " "),
        "built_at": catalogue.built_at,
    }


def _graph(shown: Mapping[str, Page], known: Mapping[str, Page], *, title: str, here: str = "") -> Any:
    from markupsafe import Markup

    nodes = {
        name: Drawn(
            label=name if page.kind == "stream" else name.partition(".")[2],
            href=page.file,
            kind=" ".join(
                [page.kind, *(["step"] if page.is_step else []), *(["here"] if name == here else [])]
            ),
        )
        for name, page in shown.items()
        # In the whole picture a stream that nothing is made of is only in the way.
        if here or page.reads or any(name in other.reads for other in known.values())
    }
    return Markup(draw(nodes, {name: page.reads for name, page in shown.items()}, title=title))


def _put(path: Path, text: str) -> None:
    """Replace the page whole."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
