"""The words of ``triada export``: the event log as a file that process-mining tools read.

An address and a form in, the counts of what was written out; the writing is the warehouse's.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

export = typer.Typer(
    name="export",
    help="The published event log as a file for process-mining tools; `.gz` packs it.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="where to; what is there is replaced once all is written")]


class Case(StrEnum):
    """What a trace of XES is about."""

    order = "order"
    lead = "lead"
    request = "request"


@export.command("ocel")
def export_ocel(file: File) -> None:
    """Write OCEL 2.0 JSON: every event once, with all the objects that it is about."""
    from settings import load
    from warehouse import ocel

    _tell(ocel.export_ocel(load(), file), file)


@export.command("xes")
def export_xes(
    file: File,
    case: Annotated[Case, typer.Option(help="what a trace is about")] = Case.order,
) -> None:
    """Write XES (IEEE 1849): one trace per order, lead or request."""
    from settings import load
    from warehouse import xes

    _tell(xes.export_xes(load(), file, case=case.value), file)


def _tell(counts: dict[str, int], file: Path) -> None:
    for what, number in counts.items():
        typer.echo(f"{number:>8,}  {what}")
    typer.echo(f"{file} is written")
