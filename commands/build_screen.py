"""What a person reads of a build, or a program as one JSON document.

``commands.build.Built`` in, one screen of 80 columns or the document out; the exit status says whether all is
well.
"""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.build import Built
from commands.spoken import at, many, say

_LONGEST = 10
_COLOURS = {"full": "green", "changed": "cyan"}


def finish(done: Built, *, as_json: bool) -> None:
    """Show a build; exit status 1 when it stopped, is held, or a check could not run."""
    if as_json:
        typer.echo(json.dumps(document(done), indent=2))
        for problem in done.problems:
            typer.echo(f"triada: {problem}", err=True)
    else:
        _show(Console(highlight=False), done)
    if not done.ok:
        raise SystemExit(1)


def document(done: Built) -> dict[str, object]:
    """The contract's document of a build."""
    return {
        "steps": done.steps,
        "tables": [{**table, "seconds": round(table["seconds"], 3)} for table in done.tables],
        "gates": done.gates,
        "published_at": done.status["published_at"],
        "state": done.status["state"],
        "stale_since": done.status["stale_since"],
        "held_by": done.holding,
        "marked_by": done.marking,
        "problems": done.problems,
        "ok": done.ok,
    }


def _show(console: Console, done: Built) -> None:
    made = [table for table in done.tables if table["how"] != "kept" and not table["by_time"]]
    if made:
        console.print(_tables(made))
    if timely := [str(table["table"]) for table in done.tables if table["by_time"]]:
        told = f"{many(len(timely), 'table')} made anew only because time went by: {_names(timely)}"
        console.print(f"[dim]{told}[/dim]")
    kept = len(done.tables) - len(made) - len(timely)
    if kept:
        console.print(f"[dim]{many(kept, 'table')} kept: what they are made of is as it was[/dim]")
    if done.tables:
        console.print()
    if done.is_begun:  # else nothing was done, and what is published is no news
        _facts(console, done)
    for number, problem in enumerate(done.problems):
        if done.is_begun or number:
            console.print()
        say(console, problem, indent=2)


def _tables(made: list[dict[str, object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("table", no_wrap=True)
    for name in ("rows", "changed", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("how", no_wrap=True)
    for row in made:
        how = str(row["how"])
        colour = _COLOURS.get(how, "")
        table.add_row(
            str(row["table"]),
            f"{row['rows']:,}",
            f"{row['changed']:,}",
            f"{row['seconds']:.2f}",
            f"[{colour}]{how}[/{colour}]" if colour else how,
        )
    return table


def _facts(console: Console, done: Built) -> None:
    """What was read, what the gates found, what readers see now; a line each."""
    steps = {step["step"]: step for step in done.steps}
    facts = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    if "extract" in steps:
        if done.is_full:
            facts.add_row("read", f"{many(steps['extract']['read'], 'row')}, each stream whole")
        written = steps["extract"]["written"]
        # Of streams only with rows: what changed else is the hub's own, whose rows are not counted.
        streams = f" of {many(done.streams, 'stream')}" if written else ""
        facts.add_row("changed", f"{many(written, 'row')}{streams}")
    if sum(done.gates.values()):
        facts.add_row("gates", _gates(done))
    if done.holding:
        facts.add_row("held by", _names(done.holding))
    if done.marking:
        facts.add_row("marked by", _names(done.marking))
    facts.add_row("took", _times(done))
    facts.add_row("published", _published(done))
    console.print(facts)
    # A line of its own, aligned under the others: a path broken in two cannot be copied.
    console.print(Text.assemble((f"{'file':<{len('published')}}  ", "dim"), str(done.file)), soft_wrap=True)


def _gates(done: Built) -> str:
    counts = done.gates
    failed = f"[red]{counts['failed']:,} failed[/red]" if counts["failed"] else "0 failed"
    unchecked = counts["could_not_check"]
    could_not = f"[red]{unchecked:,} could not be checked[/red]" if unchecked else "0 could not be checked"
    return f"{counts['passed']:,} passed, {failed}, {could_not}"


def _names(names: list[str]) -> str:
    more = len(names) - _LONGEST
    return ", ".join(names[:_LONGEST]) + (f" and {more} more" if more > 0 else "")


def _times(done: Built) -> str:
    steps = ", ".join(f"{step['step']} {step['seconds']:.1f}" for step in done.steps)
    return f"{done.seconds:.1f} s" + (f" ({steps})" if steps else "")


def _published(done: Built) -> str:
    state, published = done.status["state"], done.status["published_at"]
    if done.is_part:
        last = f"; the last one is of {at(published)}" if published else ""
        return f"no: only a part was built{last}. ./triada build builds and publishes everything"
    if state == "stale":
        return (
            f"[red]no, held[/red]: stale since {at(done.status['stale_since'])}, last good {at(published)}"
            if published
            else "[red]no, held[/red]: nothing was published yet"
        )
    if not published:
        return "nothing yet"
    return f"[green]{state}[/green] since {at(published)}" if done.ok else f"{state}, of {at(published)}"
