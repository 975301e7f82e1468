"""``import``: a mapping and a source in, its history in the stores, and the warehouse published anew.

mapping + source → everything read and fitted → stores made where there are none → one step a stream through
the hub → what was put aside → publish. What is wrong with mapping or source stops it before the stores exist.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from commands.found import warehouse_note
from commands.output import Result, progress
from commands.report import render
from commands.seed import open_stores
from commands.verdict import complaints
from settings import Settings, load
from warehouse.status import read_status

SHOWN = 12
Publish = Callable[[Settings], Sequence[str]]
"""Builds and publishes the warehouse; what held the publication, nothing when it is out."""


def import_source(mapping: Path, source: str, *, quiet: bool) -> Result:
    """Import ``source`` by the mapping into the configured stores, publish, render the report."""
    settings = load()
    result = run_import(mapping, source, settings, publish=publish, quiet=quiet)
    result.notes.append(warehouse_note(read_status(settings), settings))
    if settings.published_file.exists():
        result.notes.append(f"The report: {render(settings)[0]}")
    return result


def publish(settings: Settings) -> list[str]:
    """Run the analytical path once; why it is not well, when it is not."""
    from commands.run import run_pipeline
    from flows.warehouse import WAREHOUSE

    return complaints(run_pipeline(WAREHOUSE, settings))


def run_import(
    mapping_path: Path,
    source: str,
    settings: Settings,
    *,
    publish: Publish | None = None,
    quiet: bool = False,
) -> Result:
    """Import into the stores of ``settings``; one row of counts a stream.

    Not ok when a key came with different contents, or when ``publish`` was held. Raises ``TriadaError`` when
    it cannot start or was stopped; what is wrong with mapping or source is told before anything is written.
    """
    from connectors.mapped import open_mapped
    from connectors.mapping import load_mapping

    console = Console(quiet=True) if quiet else progress()
    mapping = load_mapping(mapping_path)
    with console.status(f"reading the source of {mapping.name}"):
        mapped = open_mapped(mapping, source, currency=settings.currency, timezone=settings.timezone)
    result = Result()
    try:
        _make_stores(settings)
        _move(mapped, settings, result, console)
    finally:
        mapped.close()
    result.notes += mapped.notices
    if publish is not None:
        with console.status("building and publishing the warehouse"):
            held = publish(settings)
        result.problems += held
        result.ok = result.ok and not held
    return result


def _make_stores(settings: Settings) -> None:
    """Empty stores where there are none; those that are there stay as they are."""
    from stores.engines import create_stores
    from stores.seed import mark

    engines = open_stores(settings)
    try:
        create_stores(engines)
        mark.withdraw(engines)
    finally:
        for engine in engines.values():
            engine.dispose()


def _move(mapped: Any, settings: Settings, result: Result, console: Console) -> None:
    from flows.imported import import_flow
    from hub import quarantine
    from hub.desk import Desk
    from hub.run import run_step
    from hub.state import open_state

    class ImportDesk(Desk):
        """A desk where the mapped source sits beside the stores."""

        def connector(self, system: str) -> Any:
            return mapped if system == "import" else super().connector(system)

    flow = import_flow(mapped.mapping)
    with tempfile.TemporaryDirectory() as rules:
        if mapped.mapping.checks:
            (Path(rules) / f"{flow.name}.yml").write_text(mapped.mapping.checks, encoding="utf-8")
        began = dt.datetime.now(dt.UTC)
        desk = ImportDesk(settings, open_state(settings.url("state")), rules=Path(rules))
        try:
            for step in flow.steps:
                with console.status(f"importing {step.name}"):
                    result.add([asdict(run_step(desk, flow, step=step))])
            aside = [("quarantined", each) for each in quarantine.entries(desk, waiting=False)]
            aside += [("waiting", each) for each in quarantine.entries(desk, waiting=True)]
            _tell(desk, flow.name, aside, began, result)
        finally:
            desk.close()


def _tell(
    desk: Any, flow: str, aside: list[tuple[str, dict[str, Any]]], began: dt.datetime, result: Result
) -> None:
    """What was put aside in this import; what an earlier one put aside and the source no longer has goes."""
    from connectors.mapped_documents import REPEATED_KEY
    from hub import quarantine

    mine = [(state, entry) for state, entry in aside if entry["flow"] == flow]
    gone = [entry for _, entry in mine if dt.datetime.fromisoformat(entry["last_seen_at"]) < began]
    for entry in gone:
        quarantine.discard(desk, entry["id"], why="a later import of its source no longer put it aside")
    left = [(state, entry) for state, entry in mine if entry not in gone]
    result.problems += [f"{state} · {entry['step']} · {entry['reason']}" for state, entry in left[:SHOWN]]
    if len(left) > SHOWN:
        result.problems.append(f"and {len(left) - SHOWN} more: ./triada quarantine list")
    result.ok = result.ok and not any(REPEATED_KEY in entry["rule"] for _, entry in left)
