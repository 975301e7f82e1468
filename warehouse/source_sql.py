"""Writes the statements that read one table of a system: its changed rows, and counts and sums of them.

PostgreSQL gives each column in its own type; only exact numbers come as text, which no driver rounds. SQLite
has no types and MariaDB no snapshot for two statements: there rows and totals are one statement, all text.
It runs nothing.
"""

from __future__ import annotations

import datetime as dt

from models.types import Exact
from warehouse.origin import Origin

PART, COUNT = "_part", "*"


def rows_query(origin: Origin, since: dt.datetime | None) -> str:
    """The rows changed since, as PostgreSQL holds them.

    Its numeric is text already here: turning its binary form into text is what took a reader most time.
    """
    columns = [
        f'cast("{column.name}" as text) as "{name}"'
        if isinstance(column.type, Exact)
        else f'"{column.name}" as "{name}"'
        for name, column in ((name, origin.read_from(name)) for name in origin.names)
    ]
    return f'select {", ".join(columns)} from "{origin.table.name}"{_where(origin, since)}'


def totals_query(origin: Origin, since: dt.datetime | None, *, readable: bool = False) -> str:
    """Counts and sums of the rows changed since, as PostgreSQL adds them; for ``readable`` numbers only.

    Of the instant of the change too: what moves no other sum moves that one.
    """
    only = " filter (where {0} > -1e14 and {0} < 1e14)" if readable else ""
    parts = [f'coalesce("{name}", \'\') as "{name}"' for name in origin.grouped]
    parts.append(f'cast(count(*) as text) as "{COUNT}"')
    for quoted in (f'"{name}"' for name in origin.summed):
        parts.append(f"cast(coalesce(sum({quoted}){only.format(quoted)}, 0) as text) as {quoted}")
    if origin.changed:
        quoted = f'"{origin.changed}"'
        parts.append(f"{_micros(quoted, 'postgresql')} as {quoted}")
    rest = f"{_where(origin, since)}{_group_by(origin, 'postgresql')}"
    return f'select {", ".join(parts)} from "{origin.table.name}"{rest}'


def rows_and_totals_query(
    origin: Origin, dialect: str, *, since: dt.datetime | None, totals_since: dt.datetime | None
) -> str:
    """One statement: first the totals (``_part`` is ``total``), then the rows changed since (``row``).

    The totals come first and give text in every column, because SQLite has no column types and its driver
    takes them from the first rows.
    """
    name = _quote(dialect, origin.table.name)
    sources = (origin.read_from(name).name for name in origin.names)
    rows = ", ".join(_as_text(_quote(dialect, source), dialect) for source in sources)
    where, totals_where = (_where(origin, instant, dialect) for instant in (since, totals_since))
    totals = f"{_totals(origin, dialect)} from {name}{totals_where}{_group_by(origin, dialect)}"
    return (
        f"select 'total' as {_quote(dialect, PART)}, {totals}"
        f" union all select 'row', {rows} from {name}{where}"
    )


def tombstones_there_query(dialect: str) -> str:
    """One row when the database keeps tombstones, none when it does not; all in the schema it is read in."""
    if dialect == "postgresql":
        return "select 'there' as there where to_regclass('tombstones') is not null"
    if dialect == "mysql":
        where = "table_schema = database() and table_name = 'tombstones'"
        return f"select 'there' as there from information_schema.tables where {where}"
    return "select 'there' as there from sqlite_master where name = 'tombstones'"


def tombstone_query(dialect: str, since: dt.datetime | None) -> str:
    """What was deleted since; an empty first row, for SQLite's sake, as above."""
    key, name = _quote(dialect, "key"), _quote(dialect, "tombstones")
    deleted = _instant_text(_quote(dialect, "deleted_at"), dialect)
    where = f" where deleted_at >= {_instant(since, dialect)}" if since else ""
    return (
        f"select '' as stream, '' as deleted_key, '' as deleted_at"
        f" union all select stream, {key}, {deleted} from {name}{where}"
    )


def _totals(origin: Origin, dialect: str) -> str:
    """Each total in the place of its column: the count under the key, the group's value under its own."""
    parts = []
    for name in origin.names:
        quoted = _quote(dialect, name)
        if name == origin.key[0]:
            text = _as_text("count(*)", dialect)
        elif name in origin.grouped:
            text = f"coalesce({quoted}, '')"
        elif name in origin.summed:
            text = f"coalesce({_as_text(f'sum({_units(quoted, dialect)})', dialect)}, '0')"
        elif name == origin.changed:
            text = _micros(quoted, dialect)
        else:
            text = "''"
        parts.append(f"{text} as {quoted}")
    return ", ".join(parts)


def _units(quoted: str, dialect: str) -> str:
    """The value in ten-thousandths, a whole number, so that SQLite adds it exactly too."""
    if dialect == "mysql":
        return f"cast({quoted} * 10000 as decimal(38, 0))"
    # Ours are written with four digits; an SQL writer's 12.5 is padded to the same.
    point = f"instr({quoted}, '.')"
    padded = f"substr(substr({quoted}, {point} + 1) || '0000', 1, 4)"
    whole = f"substr({quoted}, 1, {point} - 1)"
    text = f"case when {point} = 0 then {quoted} || '0000' else {whole} || {padded} end"
    return f"cast({text} as integer)"


def _micros(quoted: str, dialect: str) -> str:
    """The sum of instants in microseconds since 1970, as text; of those that the warehouse can hold.

    SQLite's sum ends at 64 bits, which five thousand instants fill: there it is two, seconds and the rest.
    """
    if dialect == "postgresql":
        # A double holds the microseconds of these years exactly, and is added in half the time of a numeric.
        first, end = "'1935-01-01 00:00Z'", "'2040-01-01 00:00Z'"
        whole = f"sum(cast(date_part('epoch', {quoted}) * 1e6 as bigint))"
        held = f"{quoted} > '-infinity' and {quoted} < '294247-01-10'"  # Arrow's last day
        near = f"{quoted} >= {first} and {quoted} < {end}"
        far = f"({quoted} < {first} or {quoted} >= {end}) and {held}"
        others = f"sum(extract(epoch from {quoted})) filter (where {far})"
        return (
            f"cast(coalesce({whole} filter (where {near}), 0) "
            f"+ trunc(coalesce({others}, 0) * 1000000) as text)"
        )
    if dialect == "mysql":
        since = f"timestampdiff(microsecond, '1970-01-01 00:00:00', {quoted})"
        return f"coalesce({_as_text(f'sum({since})', dialect)}, '0')"
    # Its date functions round to milliseconds, which may be the next second: they get no fraction.
    whole = f"substr({quoted}, 1, 19) || ltrim(substr({quoted}, 20), '.0123456789')"
    dated = f"{quoted} glob '[0-9][0-9][0-9][0-9]-*'"  # 'now' and '12:00' are instants to it, too
    seconds = f"unixepoch(case when {dated} then {whole} end)"
    rest = f"cast(round(cast(substr({quoted}, 20, 7) as real) * 1000000) as integer)"
    broken = f"substr({quoted}, 20, 1) = '.' and {seconds} is not null"
    return f"coalesce(sum({seconds}), 0) || 'e6 ' || coalesce(sum({rest}) filter (where {broken}), 0)"


def _as_text(expression: str, dialect: str) -> str:
    return f"cast({expression} as {'char' if dialect == 'mysql' else 'text'})"


def _instant_text(quoted: str, dialect: str) -> str:
    if dialect == "postgresql":
        return f"to_char({quoted} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return _as_text(quoted, dialect)


def _group_by(origin: Origin, dialect: str) -> str:
    names = ", ".join(_quote(dialect, name) for name in origin.grouped)
    return f" group by {names}" if names else ""


def _where(origin: Origin, since: dt.datetime | None, dialect: str = "postgresql") -> str:
    if since is None:
        return ""
    return f" where {_quote(dialect, origin.changed)} >= {_instant(since, dialect)}"


def _instant(value: dt.datetime | None, dialect: str) -> str:
    if value is None:
        return "null"
    text = f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}"
    return f"timestamptz '{text}+00'" if dialect == "postgresql" else f"'{text}'"


def _quote(dialect: str, name: str) -> str:
    # SQLite takes a double-quoted column that is not there for a text; in backticks it is an error.
    return f'"{name}"' if dialect == "postgresql" else f"`{name}`"
