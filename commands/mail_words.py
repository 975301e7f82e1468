"""The words of ``triada mail``: subscribe, alert, list, pause, resume, remove, send, and what each takes."""

from __future__ import annotations

import json as text
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from commands import output
from commands.quarantine_words import Json
from connectors.errors import Misconfigured

mail = typer.Typer(
    name="mail", help="Pages and alerts by mail: who gets what, and when.", no_args_is_help=True
)
Address = Annotated[str, typer.Option(help="where it goes (default: the sign-in name, when it is one)")]
Zone = Annotated[str, typer.Option(help="IANA zone of the times (default: the company's)")]
Locale = Annotated[str, typer.Option(help="language and formats, such as es_MX (default: the user's)")]


@mail.command("subscribe")
def mail_subscribe(
    user: str,
    *,
    pages: Annotated[str, typer.Option(help="pages, comma-separated: morning,hand-offs")],
    every: Annotated[str, typer.Option(help="days: monday, or mon,thu, or weekday, or day")] = "monday",
    at: Annotated[str, typer.Option(help="time of day")] = "08:00",
    address: Address = "",
    timezone: Zone = "",
    locale: Locale = "",
) -> None:
    """Have pages mailed to a user, as that user may see them."""
    from commands.mail import subscribe

    number = subscribe(
        user, pages=pages, every=every, at=at, address=address, timezone=timezone, locale=locale
    )
    typer.echo(f"{number}: {pages} every {every} at {at} to {user}")


@mail.command("alert")
def mail_alert(
    user: str,
    *,
    metric: Annotated[str, typer.Option(help="the number to watch")],
    above: Annotated[str, typer.Option(help="tell when it goes above this")] = "",
    below: Annotated[str, typer.Option(help="tell when it goes below this")] = "",
    quiet: Annotated[str, typer.Option(help="hours in which nothing is sent: 20:00-07:00")] = "",
    address: Address = "",
    timezone: Zone = "",
    locale: Locale = "",
) -> None:
    """Have a user told by mail when a number crosses a threshold."""
    from commands.mail import watch

    if bool(above) == bool(below):
        raise Misconfigured("an alert has one threshold: expected --above N or --below N")
    comparison = "above" if above else "below"
    number = watch(
        user, metric=metric, comparison=comparison, threshold=above or below, quiet=quiet, address=address,
        timezone=timezone, locale=locale,
    )  # fmt: skip
    typer.echo(f"{number}: {metric} {comparison} {above or below} to {user}")


@mail.command("list")
def mail_list(json: Json = False) -> None:
    """List subscriptions and alerts, and what became of the last mail of each."""
    from commands.mail import everything

    rows = everything()
    if json:
        typer.echo(
            text.dumps([{name: _json(value) for name, value in row.items()} for row in rows], indent=2)
        )
        return
    told = [{name: _told(value) for name, value in row.items()} for row in rows]
    columns = ("id", "address", "what", "when", "is_paused", "last_state", "last_at", "last_error")
    output.show_rows(told, columns, empty="nobody gets mail")


@mail.command("pause")
def mail_pause(number: str) -> None:
    """Send nothing for now; NUMBER is one such as S7 or A3."""
    from commands.mail import set_paused

    set_paused(number, True)
    typer.echo(f"{number} is paused")


@mail.command("resume")
def mail_resume(number: str) -> None:
    """Send again from now on."""
    from commands.mail import set_paused

    set_paused(number, False)
    typer.echo(f"{number} goes on")


@mail.command("remove")
def mail_remove(number: str) -> None:
    """Take a subscription or an alert back."""
    from commands.mail import remove

    remove(number)
    typer.echo(f"{number} is gone")


@mail.command("send")
def mail_send(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what is due; send nothing")] = False,
    json: Json = False,
) -> None:
    """Send what is due, as the DAG does every quarter of an hour."""
    from commands.mail import send

    done = send(dry_run=dry_run)
    if json:
        typer.echo(text.dumps(done, indent=2))
        return
    for key in done.get("would_send", ()):
        typer.echo(f"due: {key}")
    typer.echo(
        ", ".join(f"{count} {name}" for name, count in done.items() if isinstance(count, int))
        or "sent nothing"
    )
    for note in done.get("notes", ()):
        typer.echo(note)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _told(value: Any) -> Any:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value
