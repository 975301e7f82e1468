"""What became of each table in a build, as the runner tells it, for a screen or an XCom.

To be replaced by ``dataclasses.asdict`` of the runner's own ``Made`` when it gives them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from warehouse import runner
from warehouse.build_file import open_build

if TYPE_CHECKING:
    from settings import Settings


def make(settings: Settings, *layers: str, full: bool, only: frozenset[str]) -> list[dict[str, Any]]:
    """Make these layers' models; a row a table of them: table, rows, changed, seconds, how."""
    tables = [
        model.relation
        for model in runner.models()
        if model.layer in layers and model.layer != "staging" and (not only or model.relation in only)
    ]
    with open_build(settings) as build:
        if full:
            for model in runner.models():
                if model.layer in layers:
                    build.execute("delete from quality.built where relation = ?", [model.relation])
        started = time.monotonic()
        made = runner.build(build, *layers)
        seconds = (time.monotonic() - started) / max(len(made), 1)
        kept = {
            table: build.execute(f"select count(*) from {table}").fetchall()[0][0]
            for table in tables
            if table not in made
        }
    return [
        {"table": table, "rows": made[table], "changed": made[table], "seconds": seconds, "how": "full"}
        if table in made
        else {"table": table, "rows": kept[table], "changed": 0, "seconds": 0.0, "how": "kept"}
        for table in tables
    ]
