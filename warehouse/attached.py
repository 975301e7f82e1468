"""Reads PostgreSQL from within the build file's own DuckDB, whose extension comes with the installation.

address ─▶ the database attached, read-only ─▶ any query as a relation of the build. The build's transaction
has one read-only snapshot of it, from the first query to its end. Rows come in binary and are never Arrow:
that took half the time (docs/decisions/0017-postgresql-is-read-by-duckdb.md). It knows no stream.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from connectors.errors import Refused, Unreachable

if TYPE_CHECKING:
    import duckdb

_LOST = ("server closed the connection", "terminating connection", "connection to server", "no connection to")
# How what the extension says begins, with DuckDB's word for its kind or without.
_OF_THE_SOURCE = tuple(
    f"{kind}{words}"
    for kind in ("", "IO Error: ", "Binder Error: ", "Invalid Input Error: ")
    for words in (
        "Failed to prepare",
        "Failed to execute",
        "Failed to fetch",
        "Failed to read",
        "Unable to connect",
        "Postgres ",
    )
)

PAGES = 1_000
"""What one of up to four connections reads of a table at a time, 8 kB each; twice as many make it large."""

# Pages of a table that has heirs are not those of its rows, and a standby gives no snapshot to share.
_PLACE = """select cast(n.nspname as text) as schema
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.oid = to_regclass({table}) and c.relkind = 'r' and not pg_is_in_recovery()
        and pg_relation_size(c.oid) >= {pages} * 8192
        and not exists (select 1 from pg_catalog.pg_inherits i where i.inhparent = c.oid)
        and not exists (
            select 1 from information_schema.columns k
            where k.table_schema = n.nspname and k.table_name = c.relname and k.column_name in ({exact})
                and not (k.data_type = 'numeric' and coalesce(k.numeric_precision between 1 and 38
                    and k.numeric_scale between 0 and k.numeric_precision, false)))"""


class Attached:
    """A PostgreSQL database under a name of its own in the build, until that is closed."""

    def __init__(self, build: duckdb.DuckDBPyConnection, url: str, *, system: str) -> None:
        """``Unreachable`` when it does not answer; ``url`` is libpq's, with the password."""
        import duckdb

        self._build, self._system, self._name = build, system, f"source_{system}"
        _load_extension(build)
        build.execute(f"set pg_pages_per_task = {PAGES}")
        try:
            build.execute(f"attach {_quoted(url)} as {self._name} (type postgres, read_only)")
        except duckdb.Error as error:
            # It repeats the address, and the password in it, before it says what was wrong.
            said = str(error).rpartition(f'"{url}": ')[2] if url in str(error) else type(error).__name__
            raise Unreachable(self._told(said, "an answer; check the address and that it runs")) from None

    def ask(self, sql: str) -> str:
        """What the build selects from to read the query's rows; ``Refused`` when the database refuses it."""
        relation = f"postgres_query('{self._name}', {_quoted(sql)})"
        with self.answering():
            self._build.execute(f"describe select * from {relation}")
        return relation

    def table(self, name: str, exact: Collection[str]) -> str | None:
        """The whole table as a relation, which several connections of one snapshot read side by side.

        None where that gains nothing, or where numbers in ``exact`` would not come as they are: those of a
        column without a precision come as floats. A NaN comes as 0: the caller knows that there is none.
        """
        found = self.answers(_PLACE.format(table=_quoted(f'"{name}"'), pages=2 * PAGES, exact=_listed(exact)))
        return f'{self._name}."{found[0]["schema"]}"."{name}"' if found else None

    def answers(self, sql: str) -> list[dict[str, Any]]:
        """The few rows that a query gives."""
        relation = self.ask(sql)
        with self.answering():
            found = self._build.execute(f"select * from {relation}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """``Refused`` or ``Unreachable`` in place of what DuckDB says of the database while it is read."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            said = str(error)
            if not said.partition("\n")[0].startswith(_OF_THE_SOURCE):
                raise
            what = said.partition("ERROR:  ")[2] or said.partition("FATAL:  ")[2] or said
            if any(words in said for words in _LOST):
                raise Unreachable(self._told(what, "an answer until all is read; build again")) from None
            raise Refused(self._told(what, "the stream's declared columns")) from None

    def _told(self, said: str, expected: str) -> str:
        first = said.partition("\n")[0].strip()
        return f"{self._system}: the warehouse could not read: {first[:300]}; expected {expected}"


@contextmanager
def ended_together() -> Iterator[None]:
    """``Unreachable`` when the build cannot end its transaction as an attached database is lost."""
    import duckdb

    try:
        yield
    except duckdb.TransactionException as error:
        _, ending, said = str(error).partition('Failed to execute query "COMMIT": ')
        if not ending:
            raise
        raise Unreachable(
            "a database that the warehouse reads was lost before all could be kept: "
            f"{said.partition(chr(10))[0]}; nothing was loaded; expected an answer until the end; build again"
        ) from None


def _load_extension(build: duckdb.DuckDBPyConnection) -> None:
    """The extension of this DuckDB's version, signed by its makers, from the installed package."""
    import duckdb
    import duckdb_extension_postgres_scanner as package

    name = f"v{duckdb.__version__}/postgres_scanner.duckdb_extension"
    with as_file(files(package).joinpath("extensions", name)) as file:
        build.execute(f"load {_quoted(str(file))}")


def _listed(names: Collection[str]) -> str:
    return ", ".join(_quoted(name) for name in sorted(names)) or "''"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
