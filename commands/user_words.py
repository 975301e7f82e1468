"""The words of ``triada user``: add, password, disable, enable, list, audit, and what each takes."""

from __future__ import annotations

import json as text
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from commands import output
from commands.quarantine_words import Json
from connectors.errors import Misconfigured

user = typer.Typer(
    name="user", help="Who may sign in to the reports: add, password, disable, list.", no_args_is_help=True
)
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="read the password from standard input, one line")
]


@user.command("add")
def user_add(
    name: str,
    *,
    employee: Annotated[str, typer.Option(help="the person in the OA, such as E-0007")] = "",
    role: Annotated[str, typer.Option(help="of somebody the OA does not have")] = "",
    locale: Annotated[str, typer.Option(help="language and number forms: en, es, es_MX")] = "en",
    password_stdin: FromInput = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="the company's own sign-in alone opens")
    ] = False,
) -> None:
    """Let somebody sign in to the reports: an employee, or an outsider with a role."""
    from commands import user as users

    users.check_new(name, employee=employee, role=role, locale=locale)
    password = None if no_password else _password(password_stdin)
    kept = users.add(name, employee=employee, role=role, locale=locale, password=password)
    typer.echo(f"{kept} may sign in")


@user.command("password")
def user_password(name: str, password_stdin: FromInput = False) -> None:
    """Set a user's password; whoever is signed in as this user is no longer."""
    from commands import user as users

    users.check_there(name)
    users.set_password(name, _password(password_stdin))
    typer.echo(f"the password of {name} is changed, and its sessions are over")


@user.command("disable")
def user_disable(name: str) -> None:
    """Keep a user out, at once."""
    from commands.user import set_disabled

    set_disabled(name, True)
    typer.echo(f"{name} is kept out; ./triada user enable {name} lets it in again")


@user.command("enable")
def user_enable(name: str) -> None:
    """Let a user in again."""
    from commands.user import set_disabled

    set_disabled(name, False)
    typer.echo(f"{name} may sign in")


@user.command("list")
def user_list(
    audit: Annotated[bool, typer.Option("--audit", help="what was done last, instead")] = False,
    json: Json = False,
) -> None:
    """List who may sign in, as whom, and who cannot any more."""
    from commands.user import last_acts, listed

    if audit:
        _show_acts(last_acts(50), as_json=json)
    else:
        columns = ("sign_in_name", "name", "role", "employee_no", "locale", "state")
        _show(listed(), columns, empty="there are no users; ./triada user add NAME adds one", as_json=json)


@user.command("audit")
def user_audit(last: Annotated[int, typer.Option(min=1, help="how many")] = 50, json: Json = False) -> None:
    """List the last sign-ins, failures, exports, mails and changes of users, newest first."""
    from commands.user import last_acts

    _show_acts(last_acts(last), as_json=json)


def _show_acts(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    columns = ("at", "sign_in_name", "action", "what", "address", "outcome")
    _show(rows, columns, empty="nothing was done yet", as_json=as_json)


def _show(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, empty: str, as_json: bool) -> None:
    if as_json:
        typer.echo(text.dumps(list(rows), indent=2, default=str))
        return
    told = [{name: _told(row[name]) for name in columns} for row in rows]
    output.show_rows(told, columns, empty=empty)


def _told(value: Any) -> Any:
    """A value as people read it: an instant to the minute."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value


def _password(from_input: bool) -> str:
    """A new password: one line of standard input, or asked for twice without showing it."""
    if from_input:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise Misconfigured("standard input has no password, expected one line")
        return given
    if not sys.stdin.isatty():
        raise Misconfigured("nobody can be asked for a password here; give it with --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))
