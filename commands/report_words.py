"""The words of `./triada report`: options in, what was written or served out."""

from __future__ import annotations

from typing import Annotated

import typer


def report(
    serve: Annotated[
        bool, typer.Option("--serve", help="serve it with sign-in until Ctrl-C instead")
    ] = False,
) -> None:
    """Render the reports from the published warehouse as a folder of pages, or serve them."""
    from commands.report import render
    from commands.report import serve as serve_reports

    if serve:
        serve_reports()
        return
    for path in render():
        typer.echo(path)
