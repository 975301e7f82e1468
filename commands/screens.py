"""What the engineer on duty reads of the quarantine: what is put aside and why; readable at 80 columns.

The rows of ``commands.quarantine`` in, one screen or one JSON document out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from commands.spoken import ago, at

SHOWN = 200


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
        "seen": f"{entry['count']} ×, first {at(entry['first_seen_at'])}, last {at(entry['last_seen_at'])}",
        "ended": _end(entry),
        "reason": entry["reason"],
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, fact in facts.items():
        if fact:
            table.add_row(Text(name, style="dim"), Text(str(fact)))
    for done in entry["interventions"]:
        said = f"{at(done['at'])} by {done['by']}: {done['outcome']}; {done['why']}"
        table.add_row(Text(done["act"], style="dim"), Text(said))
    console.print(table)
    payload = json.dumps(entry["payload"], indent=2, ensure_ascii=False)
    console.print()
    console.print(Text("its row was forgotten" if entry["payload"] is None else payload), soft_wrap=True)


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
    return f"{entry['state']} {at(entry['resolved_at'])} by {entry['resolved_by']}: {entry['resolution']}"
