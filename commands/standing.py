"""What the engineer on duty reads of ``triada status``: the flows, what needs somebody, the warehouse.

The document of ``commands.status`` in, one screen of 80 columns or that document out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.spoken import ago, amount, at, length, many, say, seconds_since

_COLOURS = {"failed": "red", "died": "red", "running": "cyan", "never": "dim"}
_ALERTS = 5
_CHECKS = 10
_WORD = 9
_LONGEST, _END = 300, 100
_FRACTION = re.compile(r"(?<=:\d\d)\.\d+(?=Z)")


def show_status(status: Mapping[str, Any], *, as_json: bool) -> None:
    """How each flow stands, what needs somebody, and the warehouse."""
    if as_json:
        typer.echo(json.dumps(status, indent=2, default=str))
        return
    console = Console(highlight=False)
    details = {row["flow"]: row for row in status["details"]}
    console.print(_flows_table(status["flows"], details))
    _tell(console, status["flows"], details)
    for line in _alerts(status["alerts"], status["wait_alert_hours"]):
        console.print(line, soft_wrap=True)
    _show_warehouse(console, status["warehouse"])


def _flows_table(flows: Sequence[Mapping[str, Any]], details: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in ("flow", "state", "last run", "lag", "waiting", "longest", "quarantined", "next run"):
        right = name in ("waiting", "quarantined")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for flow in flows:
        colour = _COLOURS.get(flow["state"], "green")
        next_run = seconds_since(flow["next_run_at"])
        table.add_row(
            flow["flow"],
            f"[{colour}]{flow['state']}[/{colour}]",
            ago(flow["last_run_at"]),
            "" if flow["lag_s"] is None else length(flow["lag_s"]),
            amount(flow["waiting"], "yellow"),
            length(seconds_since(details[flow["flow"]]["oldest_wait_at"])),
            amount(flow["quarantined"], "red"),
            "" if next_run is None else "due" if next_run >= 0 else f"in {length(-next_run)}",
        )
    return table


def _tell(
    console: Console, flows: Sequence[Mapping[str, Any]], details: Mapping[str, Mapping[str, Any]]
) -> None:
    """One line for each thing about a flow that the table has no room for."""
    lines = []
    for flow in flows:
        name, more = flow["flow"], details[flow["flow"]]
        if more["held_by"]:
            lines.append(("running", "cyan", f"{name}: {_FRACTION.sub('', more['held_by'])}"))
        if flow["state"] == "died":
            lines.append(("died", "red", f"{name}: its worker is gone; the next run takes over"))
        if more["error"]:
            lines.append(("failed", "red", _short(f"{name}.{more['error']}")))
        if more["conflicts"]:
            edits = many(more["conflicts"], "edit")
            said = f"{name}: {edits} by a system that does not own the field, overwritten"
            lines.append(("conflict", "yellow", f"{said} in the last day"))
    if lines:
        console.print()
    for word, colour, said in lines:
        _line(console, word, said, colour=colour)


def _line(console: Console, word: str, said: str, *, colour: str) -> None:
    say(console, said, head=Text(f"{word:<{_WORD}}", style=colour), indent=_WORD)


def _short(error: str) -> str:
    """An error without the middle of what another system answered: it may be a page of it."""
    if len(error) <= _LONGEST:
        return error
    return f"{error[: _LONGEST - _END].rstrip()} … {error[-_END:].lstrip()}"


def _show_warehouse(console: Console, warehouse: Mapping[str, Any]) -> None:
    """How fresh it is, and the checks that hold it by their names."""
    holding, marking = warehouse["failed_checks"], len(warehouse.get("marked_checks", ()))
    since = f" since {at(warehouse['stale_since'])}" if warehouse.get("stale_since") else ""
    said = (
        f"warehouse: {warehouse['state']}{since}, published {ago(warehouse['published_at'])}, "
        f"{many(len(holding), 'failed check')} {'holds' if len(holding) == 1 else 'hold'} it, "
        f"{marking} {'marks its' if marking == 1 else 'mark their'} numbers"
    )
    console.print()
    say(console, said)
    reasons = warehouse.get("reasons", {})
    for name in holding[:_CHECKS]:
        why = f" · {reasons[name]}" if reasons.get(name) else ""
        _line(console, "held by", f"{name}{why}", colour="red")
    if warehouse.get("error"):
        _line(console, "held by", warehouse["error"], colour="red")
    if len(holding) > _CHECKS:
        console.print(f"{'':<{_WORD}}… and {len(holding) - _CHECKS} more: --json has all")


def _alerts(alerts: Sequence[Mapping[str, Any]], hours: float) -> list[Text]:
    if not alerts:
        return []
    lines = [Text(f"\nwaiting longer than {hours:g} hours: {len(alerts)}", style="yellow")]
    for each in alerts[:_ALERTS]:
        where = (
            f"  {each['id']}  {each['flow']}.{each['step']}  {each['key']}  since {at(each['waits_since'])}"
        )
        lines.append(Text(f"{where}, {each['rule']}"))
    if len(alerts) > _ALERTS:
        lines.append(Text(f"  … and {len(alerts) - _ALERTS} more: triada quarantine list --waiting"))
    return lines
