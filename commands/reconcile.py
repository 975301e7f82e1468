"""Comparing both sides of the flows, one or all: what differs, whose value counts, and what was repaired.

flows ─▶ ``hub.reconcile`` ─▶ counts for a program, or a page for a person. It compares nothing itself.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.output import progress
from connectors.errors import Misconfigured, TriadaError
from flows import FLOWS, flow_named
from hub.payload import shown
from hub.reconcile import Reconciled, many
from hub.reconcile_rows import Difference
from hub.words import Flow
from settings import Settings, load

COUNTS = ("compared", "equal", "different", "missing", "extra", "repaired")
SHOWN = 50
"""Records shown to a person, one by one."""

_COLOURS = {"different": "yellow", "missing": "red", "extra": "red", "repaired": "green"}


@dataclass
class Reconciliation:
    """What was compared, step by step, and what stopped a flow."""

    steps: list[Reconciled] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing stopped and no difference is left."""
        return not self.problems and not any(step.left for step in self.steps)

    def document(self) -> list[dict[str, Any]]:
        """The document of ``triada reconcile --json``: one row a step."""
        names = ("flow", "step", "stream", *COUNTS)
        return [{name: getattr(step, name) for name in names} for step in self.steps]


def reconcile(
    name: str, *, repair: bool, full: bool, quiet: bool, settings: Settings | None = None
) -> Reconciliation:
    """Compare the flow of that name, or ``all``; one that stops does not stop the others."""
    done = Reconciliation()
    try:
        _compare(_chosen(name), done, repair=repair, full=full, quiet=quiet, settings=settings or load())
    except TriadaError as error:
        done.problems.append(str(error))
    return done


def _compare(
    flows: Sequence[Flow], done: Reconciliation, *, repair: bool, full: bool, quiet: bool, settings: Settings
) -> None:
    from hub.desk import open_desk
    from hub.digests import Taken
    from hub.reconcile import reconcile_flow

    console = Console(quiet=True) if quiet else progress()
    with open_desk(settings) as desk:
        taken = Taken(desk)
        for flow in flows:
            try:
                with console.status(f"comparing {flow.name}"):
                    done.steps += reconcile_flow(desk, flow, repair=repair, full=full, taken=taken)
            except TriadaError as error:
                done.problems.append(f"{flow.name} stopped: {error}")


def finish(done: Reconciliation, *, as_json: bool) -> None:
    """Show what was found; the exit status is 1 when a difference is left, or something stopped."""
    if as_json:
        typer.echo(json.dumps(done.document(), indent=2))
        for problem in done.problems:
            typer.echo(f"triada: {problem}", err=True)
    else:
        show(done, Console(highlight=False))
    if not done.ok:
        raise SystemExit(1)


def show(done: Reconciliation, console: Console) -> None:
    """The counts of each step, then each difference, then what else there is to know."""
    if compared := [step for step in done.steps if step.compared]:
        console.print(_counts(compared))
    differences = [each for step in done.steps for each in step.differences]
    _show_differences(differences, console)
    total = sum(step.different + step.missing + step.extra for step in done.steps)
    left = sum(step.left for step in done.steps)
    console.print()
    if not total and not done.problems:
        console.print("Both sides are equal." if compared else "There was nothing to compare.")
    elif left:
        console.print(f"Left different: {many(left, 'row')}. With --repair the owner's values come back.")
    elif total:
        console.print("What differed was repaired, or put aside: `./triada quarantine list`.")
    for step in done.steps:
        for note in step.notes:
            console.print(f"  {step.flow}.{step.step}: {note}", soft_wrap=True, markup=False)
    for problem in done.problems:
        console.print(f"  {problem}", soft_wrap=True, markup=False, style="red")


def _chosen(name: str) -> Sequence[Flow]:
    if name == "all":
        return FLOWS
    try:
        return [flow_named(name)]
    except KeyError as error:
        raise Misconfigured(f"{error.args[0]}, and all") from None


def _counts(steps: Sequence[Reconciled]) -> Table:
    table = Table(title="Compared", title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("step", overflow="fold")
    for name in COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    for step in steps:
        table.add_row(f"{step.flow}.{step.step}", *(_number(name, getattr(step, name)) for name in COUNTS))
    return table


def _number(name: str, value: int) -> Text:
    return Text(f"{value:,}", style=_COLOURS.get(name, "")) if value else Text("·", style="dim")


def _show_differences(differences: Sequence[Difference], console: Console) -> None:
    records = groupby(differences, key=lambda each: (each.flow, each.step, each.stream, each.key))
    for number, ((flow, step, stream, key), fields) in enumerate(records):
        if number == SHOWN:
            console.print("\n  and more: name one flow to see its own", style="dim")
            return
        some = list(fields)
        console.print()
        console.print(Text.assemble((f"{stream} {key}", "bold"), f"  {_what(some[0])}  ({flow}.{step})"))
        for line in _lines(some):
            console.print(Text(f"  {line}"))


def _what(difference: Difference) -> str:
    told = {"missing": "is not there", "extra": "its row is gone"}.get(difference.kind, "differs")
    return f"{told}; row changed {_ago(difference.changed_at)}" if difference.changed_at else told


def _lines(differences: Sequence[Difference]) -> Iterator[str]:
    for each in differences:
        if each.why:
            yield each.why
        elif each.field:
            target = each.stream.partition(".")[0]
            # Both may be one system: the row it is read from, and the record.
            names = (each.source, target) if each.source != target else ("wanted", "there")
            values = (_value(each.in_source), _value(each.in_target))
            yield f"{each.field}: {names[0]} {values[0]}, {names[1]} {values[1]}; owner {each.owner}"


def _value(value: Any) -> str:
    return shown(value) or "(empty)"


def _ago(instant: dt.datetime) -> str:
    seconds = (dt.datetime.now(dt.UTC) - instant).total_seconds()
    units: Mapping[str, int] = {"d": 86_400, "h": 3_600, "min": 60}
    for unit, length in units.items():
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return "just now"
