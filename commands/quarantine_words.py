"""The words of ``triada quarantine``: list, show, replay, discard, and what each takes."""

from __future__ import annotations

from typing import Annotated

import typer

from commands import output, screens

quarantine = typer.Typer(
    name="quarantine",
    help="Rows that could not be moved: look, mend at the source, replay.",
    no_args_is_help=True,
)
Json = Annotated[bool, typer.Option("--json", help="one JSON document on standard output, nothing else")]
By = Annotated[str, typer.Option(help="who you are (default: the user of this machine)")]
Why = Annotated[str, typer.Option(help="why, for whoever asks later")]


@quarantine.command("list")
def quarantine_list(
    *,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="what waits for something else to arrive")
    ] = False,
    resolved: Annotated[bool, typer.Option("--resolved", help="what moved or was discarded since")] = False,
    flow: Annotated[str, typer.Option(help="of a flow or a step: orders, orders.book")] = "",
    rule: Annotated[str, typer.Option(help="that broke this rule")] = "",
    key: Annotated[str, typer.Option(help="of this key; CO-2026-* for all that begin so")] = "",
    since: Annotated[str, typer.Option(help="last seen since: 90min, 2h, 3d, or 2026-11-20T09:30")] = "",
    json: Json = False,
) -> None:
    """List what is quarantined, and how many rows by flow and rule."""
    from commands.quarantine import entries

    found = entries(waiting=waiting, resolved=resolved, flow=flow, rule=rule, key=key, since=since)
    screens.show_quarantine(found, as_json=json)


@quarantine.command("show")
def quarantine_show(entry: int, json: Json = False) -> None:
    """Show one entry with the row as it was read and what people did about it."""
    from commands.quarantine import show

    screens.show_entry(show(entry), as_json=json)


@quarantine.command("replay")
def quarantine_replay(entry: str, by: By = "", why: Why = "", json: Json = False) -> None:
    """Read a row again from its source and move it; `all` for every entry."""
    from commands.quarantine import replay

    output.finish(replay(entry, by=by, why=why), as_json=json)


@quarantine.command("discard")
def quarantine_discard(entry: int, by: By = "", why: Why = "") -> None:
    """Drop an entry that will not be mended; it stays listed as --resolved."""
    from commands.quarantine import discard

    discard(entry, by=by, why=why)
    typer.echo(f"entry {entry} discarded; its row is read again when it changes at its source")
