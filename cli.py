"""Every command once: what it is called, what it takes, and which function does it.

The work is in ``commands/``; this file reads arguments, chooses text or JSON, and sets the exit status.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands import output, report_words, standing, warehouse_words
from commands.export import export
from commands.mail_words import mail
from commands.quarantine_words import By, Json, Why, quarantine
from commands.token_words import token
from commands.user_words import user
from connectors.errors import TriadaError

app = typer.Typer(
    help="Tríada: the hub between a company's OA, CRM and ERP.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for group in (export, mail, quarantine, token, user):
    app.add_typer(group)

AsOf = Annotated[str, typer.Option(help="the company's last day, YYYY-MM-DD (default: today)")]
Direct = Annotated[bool, typer.Option("--direct", help="run here, without Airflow")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show what would change, field by field; do nothing")]
_EMPTY = {
    **dict.fromkeys(("demo", "run", "import", "quarantine replay"), '{"steps": [], "ok": false}'),
    **dict.fromkeys(("quarantine list", "query", "user list", "user audit", "mail list"), "[]"),
    "quarantine show": "null",
    "mail send": "{}",
}
"""What a command prints for programs when it was stopped before it had anything."""


@app.command()
def demo(json: Json = False, as_of: AsOf = "") -> None:
    """Seed the company, play the story, run every DAG through Airflow, publish, render the report."""
    from commands.demo import demo as run_demo

    output.finish(run_demo(as_of=_day(as_of), quiet=json), as_json=json)


@app.command()
def up() -> None:
    """Start Airflow, the stores' APIs and workers on this machine; Ctrl-C stops everything."""
    from commands.up import up as run_up
    from settings import load

    raise typer.Exit(run_up(load()))


@app.command()
def run(flow: str, direct: Direct = False, dry_run: DryRun = False, json: Json = False) -> None:
    """Run a flow, `warehouse`, or `all`: through Airflow, or with --direct in this process."""
    if dry_run:
        from commands.preview import preview

        preview(flow, as_json=json)
        return
    from commands.run import run as run_flows

    output.finish(run_flows(flow, direct=direct, quiet=json), as_json=json)


@app.command()
def status(json: Json = False) -> None:
    """How each flow stands, what needs somebody, and how fresh the warehouse is."""
    from commands.status import status as read_status

    standing.show_status(read_status(), as_json=json)


@app.command()
def reconcile(
    flow: Annotated[str, typer.Argument()] = "all",
    repair: Annotated[bool, typer.Option("--repair", help="bring the owner's values back")] = False,
    full: Annotated[bool, typer.Option("--full", help="look at every row, changed or not")] = False,
    json: Json = False,
) -> None:
    """Compare both sides of a flow, or of all, by key and field; exit status 1 when a difference is left."""
    from commands import reconcile as sides

    sides.finish(sides.reconcile(flow, repair=repair, full=full, quiet=json), as_json=json)


app.command()(warehouse_words.build)
app.command()(warehouse_words.query)


app.command()(report_words.report)


@app.command()
def seed(
    scale: Annotated[int, typer.Option(min=1, help="multiplies the company")] = 1,
    seed: Annotated[int, typer.Option(help="the same seed gives the same company")] = 7,
    as_of: AsOf = "",
    json: Json = False,
) -> None:
    """Make the three stores and fill them with a company of about three years."""
    from commands.seed import seed as seed_stores

    output.show_counts(seed_stores(scale=scale, seed=seed, as_of=_day(as_of)), title="seeded", as_json=json)


@app.command(name="import")
def import_(mapping: Path, source: str, json: Json = False) -> None:
    """Take in real data: MAPPING says how SOURCE (a folder or a database URL) feeds the streams."""
    from commands.import_ import import_source

    output.finish(import_source(mapping, source, quiet=json), as_json=json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the tests; what follows goes to pytest (`-m slow` for the slow ones)."""
    from commands.house import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command()
def bench(name: Annotated[str, typer.Argument()] = "flows", json: Json = False) -> None:
    """Time a benchmark beside its named baseline."""
    from commands.house import run_bench

    output.show_bench(run_bench(name), as_json=json)


@app.command()
def lock() -> None:
    """Make requirements.txt and requirements-dev.txt anew from their .in files."""
    from commands.house import lock_requirements

    raise typer.Exit(lock_requirements())


@app.command()
def docs(
    about: Annotated[str, typer.Argument(help="warehouse or quality: pages of your own data; pictures")] = "",
) -> None:
    """Write the generated pages of docs/ anew, or the pages about your warehouse or its quality."""
    from commands.docs import write

    for path in write(about):
        typer.echo(path)


@app.command()
def forget(
    key: Annotated[str, typer.Argument(help="business key to erase from the hub's memory")] = "",
    old: Annotated[bool, typer.Option("--old", help="what is past its time to keep")] = False,
    by: By = "",
    why: Why = "",
) -> None:
    """Erase a person's data by key from the hub's memory, or with --old what is past its time."""
    from commands.forget import forget as forget_now

    for what, number in forget_now(key, old=old, by=by, why=why).items():
        typer.echo(f"{number:>8,}  {what}")


def _day(text: str) -> dt.date:
    if not text:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2026-11-23") from None


def main() -> None:
    """Run a command; an error the product raises on purpose is one message and exit status 1."""
    try:
        app(prog_name="triada")
    except TriadaError as error:
        words = sys.argv[1:3]
        empty = _EMPTY.get(words[0]) or _EMPTY.get(" ".join(words))
        if "--json" in sys.argv and empty:
            typer.echo(empty)  # what stopped it is on standard error
        output.complain(error)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
