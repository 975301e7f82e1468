"""Writes the pages of ``docs/`` that are made from the code, so that they cannot say what is not so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import models
from connectors.errors import Misconfigured
from flows import FLOWS
from flows.warehouse import WAREHOUSE
from settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- made by ./triada docs; change the code, not this page -->\n\n"


def streams() -> str:
    """Every stream with its columns: type, unit, owner and meaning."""
    parts = [
        MADE,
        "# The streams\n\nA reference store's tables are its streams. Every stream also has "
        "`updated_at`, which the database itself keeps; deletes leave a row in `tombstones`.\n",
    ]
    for stream in models.streams():
        table = models.stream_table(stream)
        (primary,) = table.primary_key.columns
        parts.append(f"\n## {stream}\n\n{table.comment} Key: `{primary.name}`.\n\n")
        parts.append("| column | type | unit | owner | meaning |\n|---|---|---|---|---|\n")
        for column in table.columns:
            if column.name == "updated_at":
                continue
            optional = ", optional" if column.nullable else ""
            unit, owner = column.info.get("unit", ""), column.info.get("owner") or stream.partition(".")[0]
            parts.append(
                f"| `{column.name}` | {_type(column)}{optional} | {unit} | {owner} | {column.comment} |\n"
            )
    return "".join(parts)


def _type(column: object) -> str:
    kind = column.type  # type: ignore[attr-defined]
    names = {"Exact": "decimal", "Instant": "instant (UTC)", "Boolean": "boolean", "Integer": "integer",
             "Date": "date", "Text": "text", "String": "text"}  # fmt: skip
    name = names[type(kind).__name__]
    if name == "decimal":
        return f"decimal(18,{kind.scale})"
    length = getattr(kind, "length", None)
    return f"{name}({length})" if length else name


def flows() -> str:
    """Every flow and its steps, as declared."""
    parts = [
        MADE,
        "# The flows\n\nEach is a DAG of the same name; it runs on its schedule, and when another flow "
        "changed what it reads.\n",
    ]
    for flow in FLOWS:
        parts.append(f"\n## {flow.name}\n\n{flow.doc.strip()}\n\nEvery {flow.every}; owner {flow.owner}.\n\n")
        parts.append("| step | reads | writes | key | only these columns |\n|---|---|---|---|---|\n")
        for step in flow.steps:
            owns = ", ".join(f"`{name}`" for name in step.write.owns)
            parts.append(
                f"| {step.name} | `{step.read.stream}` | `{step.write.stream}` "
                f"| `{step.write.key}` | {owns} |\n"
            )
    parts.append(
        f"\n## {WAREHOUSE.name}\n\n{WAREHOUSE.doc.strip()}\n\nEvery {WAREHOUSE.every}, and when a flow "
        f"wrote something; owner {WAREHOUSE.owner}. Stages: "
        f"{' → '.join(stage.name for stage in WAREHOUSE.stages)}.\n"
    )
    return "".join(parts)


def settings() -> str:
    """Every setting with its default."""
    rows = [
        MADE,
        "# Settings\n\nFrom the environment or a `.env` file in the folder you start from.\n\n",
        "| variable | default | meaning |\n|---|---|---|\n",
    ]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if str(field.default) else ""
        rows.append(f"| `TRIADA_{name.upper()}` | {default} | {field.description} |\n")
    return "".join(rows)


def marts() -> str:
    """Every published table with its grain and columns."""
    from warehouse.describe import marts_markdown

    return MADE + marts_markdown()


def faults() -> str:
    """The faults planted in the seeded company, and the right answer to each."""
    from stores.seed.faults_page import faults_page

    return faults_page()


PAGES: dict[str, Callable[[], str]] = {
    "streams.md": streams, "flows.md": flows, "settings.md": settings, "marts.md": marts, "faults.md": faults,
}  # fmt: skip


def write(about: str) -> list[Path]:
    """The pages of ``docs/`` for nothing, else those about the company's warehouse or its quality."""
    if not about:
        return write_docs()
    if about == "warehouse":
        from commands import warehouse_docs

        return warehouse_docs.render(load())
    if about == "quality":
        from commands import quality

        return list(quality.render(load()))
    if about == "pictures":
        from commands import pictures

        return pictures.take(load())
    raise Misconfigured(f"there are no pages about {about!r}; there are warehouse, quality and pictures")


def write_docs() -> list[Path]:
    """Write every generated page; their paths."""
    written = []
    for name, write in PAGES.items():
        path = ROOT / "docs" / name
        path.write_text(write(), encoding="utf-8")
        written.append(path.relative_to(ROOT))
    return written
