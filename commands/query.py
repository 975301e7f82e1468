"""``triada query``: one select on the published warehouse, which it can only read.

SQL → the published file opened read-only, without files, network or settings → exact values. What it is
asked must be one select; showing the answer is ``query_screen``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import Misconfigured, Refused
from settings import load

if TYPE_CHECKING:
    import duckdb

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    # A misspelt table is an error, never a variable of ours that happens to have its name.
    "python_enable_replacements": "false",
    # Spilling would write.
    "temp_directory": "",
}
_LOCKED = (
    "set TimeZone = 'UTC'",
    # So that fct_order is found without its schema.
    "set search_path = 'core,marts'",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
_WORDS = re.compile(r'"([^"]+)"|\b([A-Za-z_][\w.]*)')
_NO_TABLE = re.compile(r'Table with name "?([\w.]+)"? does not exist')
_NO_COLUMN = re.compile(r'Referenced column "([^"]+)" not found|does not have a column named "([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """Columns, their DuckDB types, the rows that were asked for, and how many there are in all."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    total: int


def ask(sql: str, *, limit: int | None) -> Answer:
    """The answer's first ``limit`` rows, or all; ``Refused`` says what is wrong with the SQL."""
    import duckdb

    with _published() as connection:
        select = _one_select(sql)
        try:
            cursor = connection.execute(select)
            described = cursor.description or []
            rows = cursor.fetchmany(limit) if limit else cursor.fetchall()
            total = len(rows)
            if limit and total == limit:
                total = _count(connection, select, at_least=total)
        except duckdb.Error as error:
            raise Refused(_reason(connection, str(error))) from None
    columns = tuple(column[0] for column in described)
    return Answer(_unlike(columns), tuple(str(column[1]) for column in described), rows, total)


def list_tables() -> Answer:
    """Every published table with what a row is and how many there are."""
    with _published() as connection:
        tables = connection.execute(
            """select schema_name || '.' || table_name, comment from duckdb_tables()
            where schema_name in ('core', 'marts') order by all"""
        ).fetchall()
        counts = [connection.execute(f"select count(*) from {table}").fetchall()[0][0] for table, _ in tables]
    rows = [(table, count, comment or "") for (table, comment), count in zip(tables, counts, strict=True)]
    return Answer(("table", "rows", "says"), ("VARCHAR", "BIGINT", "VARCHAR"), rows, len(rows))


@contextmanager
def _published() -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, in no way to be changed; ``Misconfigured`` when there is none yet.

    ``Refused`` when it is broken, or not this user's to read.
    """
    import duckdb

    path = load().published_file
    try:
        if not path.is_file():
            raise Misconfigured(f"nothing is published yet at {path}; ./triada build makes and publishes it")
        with closing(duckdb.connect(str(path), read_only=True, config=_CONFIG)) as connection:
            for statement in _LOCKED:
                connection.execute(statement)
            yield connection
    except (OSError, duckdb.Error) as error:
        raise Refused(
            f"published ({path}): {_short(str(error))}; expected the published warehouse, and that this user "
            "may read it; `./triada build` publishes it anew"
        ) from error


def _one_select(sql: str) -> str:
    """The statement, when it is one and reads; without what ends it."""
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise Refused(f"this is no SQL that DuckDB reads: {_short(str(error))}") from None
    reading = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
    if len(statements) != 1 or statements[0].type not in reading:
        kinds = ", ".join(str(statement.type).rpartition(".")[2].lower() for statement in statements)
        raise Refused(
            f"query only reads: came {kinds or 'nothing'}, expected one select; the warehouse is changed in "
            "the systems that own the rows, and by ./triada build"
        )
    return statements[0].query.strip()


def _count(connection: duckdb.DuckDBPyConnection, select: str, *, at_least: int) -> int:
    """How many rows there are; those that were read where the statement cannot stand in another."""
    import duckdb

    try:
        rows = connection.execute(f"select count(*) from (\n{select}\n) as asked").fetchall()
    except duckdb.Error:
        return at_least
    return max(int(rows[0][0]), at_least)


def _reason(connection: duckdb.DuckDBPyConnection, said: str) -> str:
    """DuckDB's words in a line, and the names that somebody may have meant."""
    table, column = _NO_TABLE.search(said), _NO_COLUMN.search(said)
    missing = table or column
    if not missing:
        return _short(said)
    from warehouse.selection import near_names

    name, is_table = next(found for found in missing.groups() if found), table is not None
    asked = {word for found in _WORDS.findall(said.partition("LINE 1:")[2]) for word in found if word}
    near = near_names(name, _names(connection, asked, is_table=is_table))
    kind = "table" if is_table else "column"
    tell = "--tables lists the tables" if is_table else "describe and a table's name lists its columns"
    return f"there is no {kind} {name!r}{near}; {tell}"


def _names(connection: duckdb.DuckDBPyConnection, asked: set[str], *, is_table: bool) -> tuple[str, ...]:
    """Tables; or the columns of the tables that are asked, of all when none of them is known."""
    found = connection.execute(
        "select schema_name || '.' || table_name, table_name, column_name from duckdb_columns() where "
        "schema_name in ('core', 'marts') order by all"
    ).fetchall()
    if is_table:
        return tuple(dict.fromkeys(relation for relation, _, _ in found))
    of_asked = [column for relation, table, column in found if {relation, table} & asked]
    return tuple(dict.fromkeys(of_asked or [column for _, _, column in found]))


def _short(said: str) -> str:
    """An error's first words, without where in the line it is."""
    return " ".join(said.partition("\n\nLINE")[0].split())


def _unlike(names: tuple[str, ...]) -> tuple[str, ...]:
    """Every name once: ``a``, ``a_2``; an object of a document has room for one of each."""
    seen: dict[str, int] = {}
    unlike = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unlike.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(unlike)
