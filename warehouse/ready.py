"""Tells whether the build file is one whole: read at once, every table made of that, judged as it is.

raw's reads, ``quality.built`` and the noted changes -> what stands in the way of publishing it, with what to
do. Every stage of a build holds the lock for itself: between two of them another build may have read the
systems anew, made only a part, or died. It makes nothing and judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import changes
from warehouse.build_file import open_build
from warehouse.built import read_built
from warehouse.inputs import Inputs
from warehouse.model import models, text_of
from warehouse.origins import origins
from warehouse.planned import forecast

if TYPE_CHECKING:
    import duckdb

    from settings import Settings
    from warehouse.model import Model

DO = "another build came between; run `./triada build`: it reads, makes and judges all of it"


def is_ready(settings: Settings) -> bool:
    """Whether the gates' last word is about the build as it is now."""
    with open_build(settings) as build:
        return not unready(build)


def left_behind(settings: Settings) -> tuple[list[str], list[str]]:
    """Streams that were not read with the last ones, and tables that are older than what they read."""
    with open_build(settings) as build:
        return read_apart(build), behind(build)


def unready(build: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What keeps the build from being published, whatever its gates found: name and reason with a remedy."""
    if not _is_judged(build):
        return {"gates have not run on this build": f"the systems were read after the gates ran; {DO}"}
    if apart := read_apart(build):
        return {"streams were not read at once": f"{_some(apart)} read before the others; {DO}"}
    if late := behind(build):
        return {"tables are older than what they are made of": f"{_some(late)} not made again since; {DO}"}
    return {}


def read_apart(build: duckdb.DuckDBPyConnection) -> list[str]:
    """The systems' streams that an earlier read gave than the last one: that was a part's.

    The hub's records say what was done, and no number of the company stands on two of them.
    """
    mine = [origin.stream for origin in origins() if not origin.stream.startswith("hub.")]
    rows = build.execute(
        """select stream from raw.streams where stream in (select unnest($mine))
        and read_at < (select max(read_at) from raw.streams where stream in (select unnest($mine)))
        order by stream""",
        {"mine": mine},
    ).fetchall()
    return [stream for (stream,) in rows]


def behind(build: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables that are not there, of another text than the files', or older than what they read.

    What is made of them is named once they are made. A forecast that nobody made yet is none of them: every
    whole build makes one.
    """
    known = {model.relation: model for model in models()}
    inputs = Inputs(build, known, changes.last_changes(build))
    built = read_built(build)

    def is_behind(model: Model) -> bool:
        before = built.get(model.relation)
        if before is None or before.text != text_of(model, known):
            return True
        return bool(inputs.moved(model, before, inputs.states(model)))

    made = [model for model in models() if model.layer != "staging"]
    made += [forecast()] if forecast().relation in built else []
    return [model.relation for model in made if is_behind(model)]


def _is_judged(build: duckdb.DuckDBPyConnection) -> bool:
    """Whether the gates' last results are of the last read."""
    judged = build.execute(
        "select max(q.run_id) = max(r.run_id) from raw.run r left join quality.results q on true"
    ).fetchone()
    return bool(judged and judged[0])


def _some(names: list[str]) -> str:
    """The first names and how many more, with the verb."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} {'was' if len(names) == 1 else 'were'}"
