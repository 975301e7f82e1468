"""What a person reads in the terminal, or a program as JSON: one result in, one screen out.

Standard output holds the result; progress and complaints go to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from commands.spoken import amount, many, say

COUNTS = ("read", "written", "unchanged", "waiting", "quarantined")
_NOT_STILL = ("written", "waiting", "quarantined")


@dataclass
class Result:
    """What a command moved: one row a flow and step, what was found wrong, and what to try next."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    ok: bool = True
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = "What moved"

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add step rows to those of the same flow and step."""
        for row in rows:
            known = next(
                (s for s in self.steps if (s["flow"], s["step"]) == (row["flow"], row["step"])), None
            )
            if known is None:
                self.steps.append({name: row[name] for name in ("flow", "step", *COUNTS, "seconds")})
                continue
            for name in (*COUNTS, "seconds"):
                known[name] += row[name]

    def add_round(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add a later round of the same steps: what waited is read again in it, and still counts once."""
        for row in rows:
            for known in self.steps:
                if (known["flow"], known["step"]) == (row["flow"], row["step"]):
                    known["read"] -= known["waiting"]
                    known["waiting"] = 0
            self.add([row])


def progress() -> Console:
    """Where progress is told: standard error, so that standard output stays the result."""
    return Console(stderr=True, highlight=False)


def finish(result: Result, *, as_json: bool = False) -> None:
    """Show a result; the exit status is 1 when something stopped, did not add up or could not be checked."""
    if as_json:
        steps = [{**step, "seconds": round(step["seconds"], 3)} for step in result.steps]
        typer.echo(json.dumps({"steps": steps, "ok": result.ok}, indent=2, default=str))
        for problem in () if result.ok else result.problems:
            typer.echo(f"triada: {problem}", err=True)
    else:
        _show(result)
    if not result.ok:
        raise SystemExit(1)


def _show(result: Result) -> None:
    console = Console(highlight=False)
    moved = [step for step in result.steps if any(step[name] for name in COUNTS)]
    if moved:
        console.print(_counts_table(moved, title=result.title))
    if still := len(result.steps) - len(moved):
        console.print(f"[dim]{many(still, 'step')} found nothing to read[/dim]")
    still_all = not any(step[name] for step in result.steps for name in _NOT_STILL)
    if result.ok and result.steps and still_all:
        console.print("Nothing changed since the last run.")
    for title, lines in (("What was found", result.problems), ("", result.notes)):
        if lines:
            console.print()
            if title:
                console.print(f"[bold]{title}[/bold]")
            for line in lines:
                if line.startswith(" "):  # laid out already
                    console.print(f"  {line}", soft_wrap=True, markup=False)
                else:
                    say(console, line, head="  ", indent=4)


def _counts_table(steps: Sequence[Mapping[str, Any]], *, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    one_flow = len({step["flow"] for step in steps}) == 1
    if not one_flow:
        table.add_column("flow", no_wrap=True)
    table.add_column("step", no_wrap=True)
    for name in COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    flow = ""
    for step in steps:
        shown = "" if step["flow"] == flow else step["flow"]
        flow = step["flow"]
        names = (step["step"],) if one_flow else (shown, step["step"])
        table.add_row(*names, *(_number(name, step[name]) for name in COUNTS))
    return table


def _number(name: str, value: int) -> str:
    colour = {"written": "green", "waiting": "yellow", "quarantined": "red"}.get(name, "")
    return amount(value, colour)


def show_counts(counts: Mapping[str, int], *, title: str, as_json: bool) -> None:
    """Row counts by stream."""
    if as_json:
        typer.echo(json.dumps(dict(counts), indent=2))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("stream")
    table.add_column("rows", justify="right")
    for stream, rows in counts.items():
        table.add_row(stream, f"{rows:,}")
    Console(highlight=False).print(table)


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str) -> None:
    """A plain table of some columns of rows."""
    console = Console(highlight=False)
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    console.print(table)


def show_bench(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Benchmarks beside their baselines."""
    if as_json:
        typer.echo(json.dumps(list(rows), indent=2, default=str))
        return
    columns = ("name", "rows", "seconds", "baseline", "baseline_seconds", "ratio", "goal", "met")
    show_rows(rows, columns, empty="no benchmark ran")


def complain(error: Exception) -> None:
    """One message on standard error."""
    Console(stderr=True, highlight=False).print(f"triada: {error}", style="red", markup=False, soft_wrap=True)
    sys.stderr.flush()
