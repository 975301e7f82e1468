"""The words of ``triada token``: add, list, revoke, and what each takes."""

from __future__ import annotations

import json as text
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from commands import output
from commands.quarantine_words import Json

token = typer.Typer(
    name="token", help="Tokens of the stores' APIs: who may call them, and what for.", no_args_is_help=True
)
System = Annotated[str, typer.Option(help="whose API: oa, crm or erp")]


@token.command("add")
def token_add(
    name: str,
    system: System,
    scopes: Annotated[str, typer.Option(help="what it may do, space-separated: crm:read crm:write")],
) -> None:
    """Make a token and print it, this once."""
    from commands.token import add

    typer.echo(add(name, system=system, scopes=scopes))


@token.command("list")
def token_list(system: System = "", json: Json = False) -> None:
    """List who has a token, what it may do, and whether it was taken back."""
    from commands.token import tokens

    rows = tokens(system=system)
    if json:
        typer.echo(text.dumps(rows, indent=2, default=str))
        return
    columns = [name for name in rows[0] if name != "hash"] if rows else []
    told = [{name: _told(row[name]) for name in columns} for row in rows]
    output.show_rows(told, columns, empty="there are no tokens")


@token.command("revoke")
def token_revoke(name: str, system: System) -> None:
    """Take a token back: the next request with it is refused."""
    from commands.token import revoke

    revoke(name, system=system)
    typer.echo(f"token {name} of {system} is taken back")


def _told(value: Any) -> Any:
    """A value as people read it: an instant to the minute."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value
