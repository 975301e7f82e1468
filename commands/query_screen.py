"""Shows an answer of the warehouse: a table for a person, JSON or CSV for a program; every digit as it is.

``commands.query.Answer`` in, text on standard output. Decimals are never floats: in JSON they are strings.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import sys
from decimal import Decimal
from typing import Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.query import Answer
from commands.spoken import many

How = Literal["screen", "json", "csv"]
WIDEST = 48
"""Longer text goes on in the next line."""
_NUMBERS: tuple[str, ...] = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
)
_NUMBERS += ("UBIGINT", "UHUGEINT", "DECIMAL", "DOUBLE", "FLOAT", "NUMBER")


def show(answer: Answer, *, how: How) -> None:
    """Print the answer."""
    if how == "json":
        rows = [dict(zip(answer.columns, map(as_json, row), strict=True)) for row in answer.rows]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif how == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([["" if value is None else plain(value) for value in row] for row in answer.rows])
        typer.echo(out.getvalue(), nl=False)
    else:
        _show(answer)


def as_json(value: Any) -> Any:
    """A value as JSON has it: decimals as strings, instants as RFC 3339 in UTC."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, dict):
        return {str(name): as_json(each) for name, each in value.items()}
    return plain(value)


def plain(value: Any) -> str:
    """A value as text with all its digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime) and value.tzinfo:
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple | dict):
        return json.dumps(as_json(value), ensure_ascii=False)
    return value.hex() if isinstance(value, bytes) else str(value)


def _show(answer: Answer) -> None:
    cells = [["" if value is None else plain(value) for value in row] for row in answer.rows]
    right = [kind.partition("(")[0].upper() in _NUMBERS for kind in answer.types]
    widths = [
        _width(name, [row[place] for row in cells], is_number=right[place])
        for place, name in enumerate(answer.columns)
    ]
    needed = sum(widths) + 2 * len(widths)
    terminal = Console(highlight=False)
    # In a pipe there is no width to keep to: a line stays a line.
    wide = terminal.is_terminal and needed > terminal.width
    console = terminal if terminal.is_terminal else Console(highlight=False, width=max(needed, 80))
    if not answer.columns:
        return
    if wide and len(widths) > 1:
        _show_records(console, answer, cells)
    else:
        console.print(_table(answer, cells, right))
    more = answer.total - len(answer.rows)
    left = f"; {more:,} more: --limit {answer.total}, or --csv or --json for all" if more > 0 else ""
    console.print(Text(f"{many(answer.total, 'row')}{left}", style="dim"), soft_wrap=True)
    sys.stdout.flush()


def _width(name: str, cells: list[str], *, is_number: bool) -> int:
    longest = max((len(line) for cell in cells for line in cell.splitlines()), default=0)
    return max(len(name), longest if is_number else min(longest, WIDEST))


def _table(answer: Answer, cells: list[list[str]], right: list[bool]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name, is_number in zip(answer.columns, right, strict=True):
        # A number is never broken: half of it would be another number.
        table.add_column(
            Text(name),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
            max_width=None if is_number else max(WIDEST, len(name)),
        )
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def _show_records(console: Console, answer: Answer, cells: list[list[str]]) -> None:
    """Too wide for the terminal: a block a row, a line a column."""
    longest = max(map(len, answer.columns))
    for number, row in enumerate(cells, start=1):
        console.print(Text(f"row {number}", style="bold"))
        for name, value in zip(answer.columns, row, strict=True):
            console.print(Text.assemble((f"  {name:<{longest}}  ", "dim"), value))
