"""Makes anew only the rows of a table that what changed can have changed.

changed rows of what it reads ─▶ the keys they touch ─▶ the model's own ``select`` over the inputs' rows with
those keys ─▶ compared with what is there ─▶ rows that differ are replaced, and noted as changed themselves.
The result is what the whole ``select`` would give, when the header's declaration holds; a property test over
random histories says that it does. It decides nothing: ``warehouse.runner`` calls it when it may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from warehouse import changes
from warehouse.model import CLOCK, Input, Model

if TYPE_CHECKING:
    import duckdb

FRESH = "select * exclude (_hash) from fresh"
CAME = "select * exclude (_hash) from came"
MOVED = f"select * exclude (_hash, _row) from gone union all {CAME}"
"""Rows that changed, as they were and as they are."""
_HASH = "hash(*columns(*)) as _hash"


def is_told(model: Model, relation: str) -> bool:
    """Whether the model's header says what a change of the relation means for it."""
    if relation in CLOCK:
        return bool(model.while_)
    return any(each.relation == relation for each in model.inputs)


def touch(
    build: duckdb.DuckDBPyConnection,
    model: Model,
    changed: Mapping[str, str],
    *,
    clock: bool,
) -> int:
    """Fill the temporary table ``touched`` with the keys to make anew; how many.

    ``changed`` gives for each changed input the select of its rows before and after; ``clock`` says that
    time went by.
    """
    names = [f"key_{place}" for place in range(len(model.by))]
    parts = [
        _touched_by(each, changed[each.relation], names) for each in model.inputs if each.relation in changed
    ]
    if clock:
        own = ", ".join(f"{key} as {name}" for key, name in zip(model.by, names, strict=True))
        parts.append(f"select {own} from {model.relation} where {model.while_}")
    known = " and ".join(f"{name} is not null" for name in names)
    row = build.execute(
        f"create or replace temp table touched as select distinct * from ({' union all '.join(parts)})"
        f" where {known}"
    ).fetchone()
    return int(row[0]) if row else 0


def remake(build: duckdb.DuckDBPyConnection, model: Model) -> None:
    """The temporary tables ``fresh`` and ``stale``: the touched groups as they should be and as they are."""
    mine = _among(model.by, "touched")
    make(build, f"({_filtered(model)}) as made where {mine}")
    hold(build, f"{model.relation} where {mine}")


def make(build: duckdb.DuckDBPyConnection, made: str) -> None:
    """The temporary table ``fresh``: rows as they should be, each with its ``_hash``."""
    build.execute(f"create or replace temp table fresh as select *, {_HASH} from {made}")


def hold(build: duckdb.DuckDBPyConnection, relation: str) -> None:
    """The temporary table ``stale``: rows as they are, with ``_hash`` and the place in it, ``_row``."""
    build.execute(f"create or replace temp table stale as select *, {_HASH}, rowid as _row from {relation}")


def compare(build: duckdb.DuckDBPyConnection) -> int:
    """The temporary tables ``gone`` and ``came``: rows to take out and to put in; how many differ.

    Without looking further when ``fresh`` and ``stale`` have the same checksum, as most tables have most of
    the time. Rows are told apart by their hashes, several times as fast as counting equal rows; where what is
    in one alone does not explain the checksums, because a row is there twice, equal rows are counted, and all
    of those that differ in number are taken out and put in.
    """
    stale, fresh = _hashes(build, "stale"), _hashes(build, "fresh")
    if stale == fresh:
        return 0
    _differ(build, gone="not in (select _hash from fresh)", came="not in (select _hash from stale)")
    gone, came = _hashes(build, "gone"), _hashes(build, "came")
    if (stale[0] - gone[0], stale[1] - gone[1]) == (fresh[0] - came[0], fresh[1] - came[1]):
        return gone[0] + came[0]
    row = build.execute(
        """create or replace temp table odd as (select * exclude (_row) from stale except all from fresh)
        union all (from fresh except all select * exclude (_row) from stale)"""
    ).fetchone()
    _differ(build, gone="in (select _hash from odd)", came="in (select _hash from odd)")
    return int(row[0]) if row else 0


def _differ(build: duckdb.DuckDBPyConnection, *, gone: str, came: str) -> None:
    for name, relation, where in (("gone", "stale", gone), ("came", "fresh", came)):
        build.execute(f"create or replace temp table {name} as select * from {relation} where _hash {where}")


def _hashes(build: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
    """Rows, and the sum of their hashes, which is that of its parts for a relation cut in two."""
    return _one(build, f"select count(*), coalesce(sum(_hash), 0) from {relation}")


def checksum(build: duckdb.DuckDBPyConnection, relation: str) -> str:
    """What tells one content of a relation from another, whatever the order of its rows."""
    return str(_one(build, f"select count(*), coalesce(sum(hash(t)), 0) from {relation} t"))


def _one(build: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = build.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def replace(build: duckdb.DuckDBPyConnection, model: Model, *, tick: int) -> None:
    """Put the rows that came in the place of those that are gone."""
    build.execute(f"delete from {model.relation} where rowid in (select _row from gone)")
    build.execute(f"insert into {model.relation} {CAME}")
    changes.note_rows(build, model.relation, MOVED, tick=tick)


def _touched_by(each: Input, rows: str, names: list[str]) -> str:
    if not each.through:
        keys = ", ".join(f"{key} as {name}" for key, name in zip(each.keys, names, strict=True))
        return f"select {keys} from ({rows}) as changed"
    carrier = ", ".join(f"{key} as {name}" for key, name in zip(each.keys, names, strict=True))
    mine = ", ".join(sorted({mine for mine, _ in each.on}))
    theirs = ", ".join(sorted({theirs for _, theirs in each.on}))
    on = " and ".join(f"carrier.{mine} = changed.{theirs}" for mine, theirs in each.on)
    # Only what is needed of either side, so that a name that both have is never ambiguous.
    return (
        f"select {', '.join(names)} from (select {carrier}, {mine} from {each.through}) as carrier"
        f" join (select distinct {theirs} from ({rows}) as rows) as changed on {on}"
    )


def _filtered(model: Model) -> str:
    """The model's select over the rows of its inputs that have touched keys, where they have the key."""
    text = model.select
    having = [each for each in model.inputs if not each.through]
    for relation in {each.relation for each in having}:
        mine = " or ".join(_among(each.keys, "touched") for each in having if each.relation == relation)
        text = re.sub(rf"\b{re.escape(relation)}\b", f"(from {relation} where {mine})", text)
    return text


def _among(keys: tuple[str, ...], table: str) -> str:
    """True of rows whose keys are in the table; a comparison a column, which DuckDB looks up fastest."""
    same = " and ".join(f"{table}.key_{place} = {key}" for place, key in enumerate(keys))
    return f"exists (select 1 from {table} where {same})"
