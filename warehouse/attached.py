"""Reads PostgreSQL from within the build file's own DuckDB, whose extension comes with the installation.

address ─▶ the database attached, read-only ─▶ any query as a relation of the build. The build's transaction
has one read-only snapshot of it, from the first query to its end. Rows come in binary and are never Arrow:
that took a fourth more time (docs/decisions/0017-postgresql-is-read-by-duckdb.md). It knows no stream.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import Misconfigured, Refused, Unreachable
from connectors.sql_engine import CONNECT_TIMEOUT_S, LOCK_TIMEOUT_S
from warehouse.attached_words import DECLARED, answer_of, cause_of, is_lost, is_of_the_source

if TYPE_CHECKING:
    import duckdb
    import sqlalchemy as sa

PAGES = 1_000
"""What one of the connections reads of a table at a time, 8 kB each; twice as many make a table large."""
CONNECTIONS = 4
"""The most that a large table is read over; there are no more of them than cores."""

# One connection reads what several would read wrongly or might not: pages of a table that has heirs are not
# those of its rows; a standby has no snapshot to share; DuckDB's names have no case; who may read some
# columns may not ask for pages; and who may have few connections keeps them.
_PLACE = """select cast(n.nspname as text) as schema
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.oid = to_regclass({table}) and c.relkind = 'r' and not pg_is_in_recovery()
        and pg_relation_size(c.oid) >= {pages} * 8192
        and has_table_privilege(c.oid, 'select')
        and not exists (select 1 from pg_catalog.pg_inherits i where i.inhparent = c.oid)
        and not exists (select 1 from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            group by lower(a.attname) having count(*) > 1)
        and 1 = (select count(*) from pg_catalog.pg_class o
            join pg_catalog.pg_namespace s on s.oid = o.relnamespace
            where lower(o.relname) = lower(c.relname) and lower(s.nspname) = lower(n.nspname))
        and not exists (select 1 from pg_catalog.pg_roles where rolname = current_user and rolconnlimit >= 0)
        and not exists (select 1 from pg_catalog.pg_database
            where datname = current_database() and datconnlimit >= 0)
        and (select count(*) from pg_catalog.pg_stat_activity) + 2 * {connections}
            < cast(current_setting('max_connections') as integer)
        and not exists (
            select 1 from information_schema.columns k
            where k.table_schema = n.nspname and k.table_name = c.relname and k.column_name in ({exact})
                and not (k.data_type = 'numeric' and coalesce(k.numeric_precision between 1 and 38
                    and k.numeric_scale between 0 and k.numeric_precision, false)))"""


class Attached:
    """A PostgreSQL database under a name of its own in the build, until that is closed."""

    def __init__(self, build: duckdb.DuckDBPyConnection, address: sa.URL, *, system: str) -> None:
        """``Unreachable`` when it does not answer, ``Misconfigured`` when the extension is not installed."""
        import duckdb

        self._build, self._system, self._name = build, system, f"source_{system}"
        ((file,),) = build.execute(
            "select path from duckdb_databases() where database_name = current_database()"
        ).fetchall()
        self._folder = str(Path(file).parent) if file else ""
        _load_extension(build)
        build.execute(f"set pg_pages_per_task = {PAGES}")
        build.execute(f"set pg_pool_max_connections = {CONNECTIONS}")
        # So the password is in no error, and a secret that somebody keeps for DuckDB is not taken.
        password = str(address.password or address.query.get("password", ""))
        known = f", password {_quoted(password)}" if password else ""
        build.execute(f"create or replace temporary secret {self._name} (type postgres{known})")
        how = f"(type postgres, read_only, secret {self._name})"
        try:
            build.execute(f"attach {_quoted(_told_to_libpq(address))} as {self._name} {how}")
        except duckdb.Error as error:
            said = self._said(error, answer_of(system))
            raise Unreachable(said) from None

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
        listed = ", ".join(_quoted(each) for each in sorted(exact)) or "''"
        large = {"pages": 2 * PAGES, "connections": CONNECTIONS}
        found = self.answers(_PLACE.format(table=_quoted(_named(name)), exact=listed, **large))
        return f"{self._name}.{_named(found[0]['schema'])}.{_named(name)}" if found else None

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
            if not is_of_the_source(error, self._folder):
                raise
            if is_lost(error):
                raise Unreachable(self._said(error, "an answer until all is read; build again")) from None
            raise Refused(self._said(error, DECLARED)) from None

    def _said(self, error: Exception, expected: str) -> str:
        return f"{self._system}: the warehouse could not read: {cause_of(error)}; expected {expected}"


@contextmanager
def ended_together() -> Iterator[None]:
    """``Unreachable`` when the build cannot end its transaction as an attached database is lost."""
    import duckdb

    try:
        yield
    except duckdb.TransactionException as error:
        if 'Failed to execute query "COMMIT"' not in str(error):
            raise
        raise Unreachable(
            f"a database that the warehouse reads was lost before all could be kept: {cause_of(error)}; "
            "nothing was loaded; expected an answer until the end; build again"
        ) from None


def _load_extension(build: duckdb.DuckDBPyConnection) -> None:
    """The extension of this DuckDB's version, signed by its makers, from the installed package."""
    import duckdb

    try:
        import duckdb_extension_postgres_scanner as package

        name = f"v{duckdb.__version__}/postgres_scanner.duckdb_extension"
        with as_file(files(package).joinpath("extensions", name)) as file:
            build.execute(f"load {_quoted(str(file))}")
    except (duckdb.Error, OSError, ImportError) as error:
        raise Misconfigured(
            f"the installation reads no PostgreSQL: {cause_of(error)}; expected the package "
            f"duckdb-extension-postgres-scanner of DuckDB's own version, {duckdb.__version__}: install "
            "requirements.txt again"
        ) from None


def _told_to_libpq(address: sa.URL) -> str:
    """The address as libpq's words, without the password; what it says itself goes before what we add.

    A lock of ours waits behind somebody's ALTER, which waits for another of ours: only a time ends that. An
    idle connection still has its snapshot to keep, however long the other systems take.
    """
    words: dict[str, object] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "triada",
        "host": address.host,
        "port": address.port,
        "user": address.username,
        "dbname": address.database,
    }
    words |= {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in address.query.items()
        if name != "password"
    }
    ours = f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_S}s -c idle_in_transaction_session_timeout=0"
    words |= {"client_encoding": "UTF8", "options": f"{words.get('options', '')} {ours}".strip()}
    escaped = {
        name: str(value).replace("\\", "\\\\").replace("'", "\\'")
        for name, value in words.items()
        if value is not None
    }
    return " ".join(f"{name}='{value}'" for name, value in escaped.items())


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
