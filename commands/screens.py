"""What the engineer on duty reads: how the flows stand, what is put aside and why; readable at 80 columns.

The rows of ``commands.status`` and ``commands.quarantine`` in, one screen or one JSON document out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

SHOWN = 200
_COLOURS = {"failed": "red", "died": "red", "running": "cyan", "never": "dim"}
_ALERTS = 5


def show_status(status: Mapping[str, Any], *, as_json: bool) -> None:
    """How each flow stands, what needs somebody, and the warehouse."""
    if as_json:
        typer.echo(json.dumps(status, indent=2, default=str))
        return
    console = Console(highlight=False)
    details = {row["flow"]: row for row in status["details"]}
    console.print(_flows_table(status["flows"], details))
    for line in [*_told(status["flows"], details), *_alerts(status["alerts"], status["wait_alert_hours"])]:
        console.print(line, soft_wrap=True)
    warehouse = status["warehouse"]
    console.print(
        f"\nwarehouse: {warehouse['state']}, published {ago(warehouse['published_at'])}, "
        f"{len(warehouse['failed_checks'])} failed checks hold it, "
        f"{len(warehouse.get('marked_checks', ()))} mark their numbers",
        soft_wrap=True,
    )


def show_quarantine(entries: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """What is put aside and why, then how many by flow and rule."""
    if as_json:
        typer.echo(json.dumps(list(entries), indent=2, default=str))
        return
    console = Console(highlight=False)
    if not entries:
        console.print("nothing is put aside that this list asks for")
        return
    for entry in entries[:SHOWN]:
        times = "" if entry["count"] == 1 else f", seen {entry['count']} times"
        console.print(
            Text.assemble(
                (str(entry["id"]), "bold"),
                f"  {entry['flow']}.{entry['step']}  {entry['key']}  ",
                (f"{entry['rule']}{times}, {ago(entry['first_seen_at'])}", "dim"),
            )
        )
        for line in (entry["reason"], _end(entry)):
            if line:
                console.print(Padding(Text(line), (0, 0, 0, 3)))
    if len(entries) > SHOWN:
        console.print(f"… and {len(entries) - SHOWN} more: --flow, --rule, --key, --since; --json has all")
    console.print()
    console.print(_sums_table(entries))


def show_entry(entry: Mapping[str, Any], *, as_json: bool) -> None:
    """One entry, whole: what came, why it did not move, what people did about it."""
    if as_json:
        typer.echo(json.dumps(dict(entry), indent=2, default=str))
        return
    console = Console(highlight=False)
    facts = {
        "entry": f"{entry['id']}, {entry['state']}",
        "row": f"{entry['stream']} {entry['key']}, by {entry['flow']}.{entry['step']}",
        "rule": entry["rule"],
        "seen": f"{entry['count']} ×, first {_at(entry['first_seen_at'])}, last {_at(entry['last_seen_at'])}",
        "ended": _end(entry),
        "reason": entry["reason"],
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, fact in facts.items():
        if fact:
            table.add_row(Text(name, style="dim"), Text(str(fact)))
    for done in entry["interventions"]:
        said = f"{_at(done['at'])} by {done['by']}: {done['outcome']}; {done['why']}"
        table.add_row(Text(done["act"], style="dim"), Text(said))
    console.print(table)
    payload = json.dumps(entry["payload"], indent=2, ensure_ascii=False)
    console.print()
    console.print(Text("its row was forgotten" if entry["payload"] is None else payload), soft_wrap=True)


def ago(instant: str | None) -> str:
    """An instant as a person says it: 3 min ago."""
    seconds = _seconds_since(instant)
    if seconds is None:
        return "never"
    return f"{_length(seconds)} ago" if seconds >= 60 else "just now"


def _flows_table(flows: Sequence[Mapping[str, Any]], details: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in ("flow", "state", "last run", "lag", "waiting", "longest", "quarantined", "next run"):
        right = name in ("waiting", "quarantined")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for flow in flows:
        colour = _COLOURS.get(flow["state"], "green")
        next_run = _seconds_since(flow["next_run_at"])
        table.add_row(
            flow["flow"],
            f"[{colour}]{flow['state']}[/{colour}]",
            ago(flow["last_run_at"]),
            "" if flow["lag_s"] is None else _length(flow["lag_s"]),
            _number(flow["waiting"], "yellow"),
            _length(_seconds_since(details[flow["flow"]]["oldest_wait_at"])),
            _number(flow["quarantined"], "red"),
            "" if next_run is None else "due" if next_run >= 0 else f"in {_length(-next_run)}",
        )
    return table


def _told(flows: Sequence[Mapping[str, Any]], details: Mapping[str, Mapping[str, Any]]) -> list[Text]:
    """One line for each thing about a flow that the table has no room for."""
    lines = []
    for flow in flows:
        name, more = flow["flow"], details[flow["flow"]]
        if more["held_by"]:
            lines.append(("running", "cyan", f"{name}: {more['held_by']}"))
        if flow["state"] == "died":
            lines.append(("died", "red", f"{name}: its worker is gone; the next run takes over"))
        if more["error"]:
            lines.append(("failed", "red", f"{name}.{more['error']}"))
        if more["conflicts"]:
            said = f"{name}: {more['conflicts']} edits by a system that does not own the field, overwritten"
            lines.append(("conflict", "yellow", f"{said} in the last day"))
    head = [Text()] if lines else []
    return head + [Text.assemble((f"{word:<9}", colour), said) for word, colour, said in lines]


def _alerts(alerts: Sequence[Mapping[str, Any]], hours: float) -> list[Text]:
    if not alerts:
        return []
    lines = [Text(f"\nwaiting longer than {hours:g} hours: {len(alerts)}", style="yellow")]
    for each in alerts[:_ALERTS]:
        where = (
            f"  {each['id']}  {each['flow']}.{each['step']}  {each['key']}  since {_at(each['waits_since'])}"
        )
        lines.append(Text(f"{where}, {each['rule']}"))
    if len(alerts) > _ALERTS:
        lines.append(Text(f"  … and {len(alerts) - _ALERTS} more: triada quarantine list --waiting"))
    return lines


def _sums_table(entries: Sequence[Mapping[str, Any]]) -> Table:
    sums = Counter((f"{entry['flow']}.{entry['step']}", entry["rule"]) for entry in entries)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("rows", justify="right")
    table.add_column("step")
    table.add_column("rule", overflow="fold")
    for (step, rule), number in sums.most_common():
        table.add_row(f"{number:,}", step, Text(rule))
    table.add_row(f"{len(entries):,}", "all", "")
    return table


def _end(entry: Mapping[str, Any]) -> str:
    if not entry.get("resolved_at"):
        return ""
    return f"{entry['state']} {_at(entry['resolved_at'])} by {entry['resolved_by']}: {entry['resolution']}"


def _at(instant: str) -> str:
    """To the second, which is enough to find it."""
    return dt.datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M:%S UTC")


def _number(value: int, colour: str) -> str:
    return f"[{colour}]{value:,}[/{colour}]" if value else "[dim]·[/dim]"


def _seconds_since(instant: str | None) -> float | None:
    if not instant:
        return None
    return (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(instant)).total_seconds()


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
