"""What a run would change, shown and not done: `triada run FLOW --dry-run`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from commands.output import Result
from commands.spoken import many, say
from connectors.errors import Misconfigured
from flows import FLOWS
from settings import load

if TYPE_CHECKING:
    from hub.preview import Change

SHOWN = 40


def preview(name: str, *, as_json: bool) -> Result:
    """Compare what ``name`` (a flow, or ``all``) would write with what is there, and show the difference."""
    from hub.desk import open_desk
    from hub.preview import preview_step

    chosen = [flow for flow in FLOWS if name in (flow.name, "all")]
    if not chosen:
        known = ", ".join(flow.name for flow in FLOWS)
        raise Misconfigured(f"there is no flow {name!r} to preview; there are {known}, and all")
    result, changes = Result(), list["Change"]()
    with open_desk(load()) as desk:
        for flow in chosen:
            for step in flow.steps:
                report, found = preview_step(desk, flow, step)
                result.add([asdict(report)])
                result.notes += [note for note in report.notes if note not in result.notes]
                changes += found
    if as_json:
        document = {"steps": result.steps, "changes": [_row(each) for each in changes], "ok": True}
        typer.echo(json.dumps(document, indent=2, default=str))
    else:
        _show(changes, result.notes)
    return result


def _row(change: Change) -> dict[str, Any]:
    fields = {name: {"there": there, "wanted": wanted} for name, (there, wanted) in change.fields.items()}
    return {**asdict(change), "fields": fields}


def _show(changes: Sequence[Change], notes: Sequence[str]) -> None:
    console = Console(highlight=False)
    for change in changes[:SHOWN]:
        head = f"{change.flow}.{change.step}: {change.stream} {change.key} would be {change.effect}"
        console.print(head, markup=False, soft_wrap=True)
        for name, (there, wanted) in change.fields.items():
            console.print(f"    {name}: {_value(there)} → {_value(wanted)}", markup=False, soft_wrap=True)
    if len(changes) > SHOWN:
        console.print(f"… and {len(changes) - SHOWN:,} more: --json shows them all")
    for note in notes:
        say(console, note, head="  ", indent=4)
    written = f"{many(len(changes), 'record')} would change" if changes else "nothing would change"
    console.print(f"{written}; nothing was written. What an earlier step would bring is waited for.")


def _value(value: Any) -> str:
    text = "empty" if value is None else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
