"""The words of ``triada build`` and ``triada query``, and what each takes."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.quarantine_words import Json


def build(
    *,
    full: Annotated[
        bool, typer.Option("--full", help="read every stream whole, make every table anew")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="these models and all they read (core.fct_order, marts); nothing is published"),
    ] = None,
    json: Json = False,
) -> None:
    """Build and publish the warehouse: extract, core, planning, marts, gates, publish."""
    from commands.build import build as run_build
    from commands.build_screen import finish

    finish(run_build(full=full, only=only or (), quiet=json), as_json=json)


def query(
    sql: Annotated[str, typer.Argument(help='one select: "select * from fct_order"')] = "",
    *,
    tables: Annotated[bool, typer.Option("--tables", help="list the tables, their grain and rows")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="rows shown (default: 50; with --json or --csv all)")
    ] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="comma-separated values with a header line")] = False,
) -> None:
    """Ask the published warehouse; it is only read."""
    from commands.query import ask, list_tables
    from commands.query_screen import show

    if bool(sql) == tables or (json and csv):
        raise typer.BadParameter('give one select, "select …", or --tables; and --json or --csv, not both')
    shown = limit or (None if json or csv else 50)
    show(
        list_tables() if tables else ask(sql, limit=shown), how="json" if json else "csv" if csv else "screen"
    )
