"""Opens the snapshot that a window is read from, and finds what may be committed later with an earlier stamp.

who else writes, then the snapshot ─▶ ``Opened``: its connection, the clock, since when others were open.
PostgreSQL tells exactly, MariaDB is given a stated while, SQLite has one writer at a time. Reads no rows.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import sqlalchemy as sa

from connectors.sql_engine import LOCK_TIMEOUT_S
from connectors.sql_position import Position
from connectors.sql_strand import Strand, newest
from models.types import Instant, now_utc

# Between a transaction's first instant and the moment when others can see it; and a clock set back a little.
MARGIN = dt.timedelta(seconds=5)
EVER = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Opened:
    """A snapshot: what is committed after it is stamped ``early`` or later (none: later than all in it).

    ``clock`` is the database's own. ``xmin`` and ``xmax`` are PostgreSQL's: all transactions before the first
    are over, none from the second on had begun. ``ties``: what is committed after it may bear its newest
    stamp. ``why`` says who has been at it longest.
    """

    connection: sa.Connection
    clock: dt.datetime
    early: dt.datetime | None = None
    xmin: int | None = None
    xmax: int | None = None
    ties: bool = False
    why: str = ""


def open_snapshot(engine: sa.Engine) -> sa.Connection:
    """A connection that sees the database as it is now, for as long as it is open."""
    connection = engine.connect()
    try:
        return _frozen(connection)
    except BaseException:
        connection.close()
        raise


def open_for_window(
    engine: sa.Engine, strands: Sequence[Strand], since: Position | None, *, overlap: dt.timedelta
) -> Opened:
    """A snapshot, after a look at who else may be writing."""
    if engine.dialect.name == "sqlite":
        return _sqlite(engine, strands)
    connection = engine.connect()
    try:
        if engine.dialect.name == "postgresql":
            return _postgresql(connection, strands, since, overlap=overlap)
        early = clock_of(connection) - overlap
        connection.rollback()
        _frozen(connection)
        return Opened(connection, clock_of(connection), early)
    except BaseException:
        connection.close()
        raise


def clock_of(connection: sa.Connection) -> dt.datetime:
    """The database's own clock."""
    return connection.execute(sa.select(sa.type_coerce(now_utc(), Instant()))).scalar_one()


def _frozen(connection: sa.Connection) -> sa.Connection:
    """Begin the transaction to read in; PostgreSQL and SQLite fix what it sees with its first query."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        # For this transaction alone: a standby refuses a session that is set back to writing afterwards.
        connection.exec_driver_sql("set transaction read only")
        connection.exec_driver_sql("select 1")
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("begin")
        connection.exec_driver_sql("select 1 from sqlite_master limit 1").all()
    else:
        connection.exec_driver_sql("set transaction isolation level repeatable read")
        connection.exec_driver_sql("start transaction with consistent snapshot, read only")
    return connection


def _postgresql(
    connection: sa.Connection, strands: Sequence[Strand], since: Position | None, *, overlap: dt.timedelta
) -> Opened:
    tables = [strand.table.name for strand in strands]
    look = connection.execute(_LOOK, {"tables": tables}).mappings().one()
    connection.rollback()
    connection = _frozen(connection)
    here = connection.execute(_SNAPSHOT).mappings().one()
    early = look["now"] - (overlap if look["hidden"] else MARGIN)
    if look["oldest"] is not None:  # what can be seen counts, though others are hidden
        early = min(early, look["oldest"])
    if look["prepared"]:
        # A prepared transaction is no session any more and does not say when it began.
        early = min(early, (since.early or since.at or EVER) if since else EVER)
    why = f"session {look['pid']} has been in a transaction since {look['oldest']}" if look["pid"] else ""
    why = "a prepared transaction is neither committed nor rolled back" if look["prepared"] else why
    if not look["tables"]:  # a view's rows do not say who wrote them
        return Opened(connection, here["now"], min(early, look["now"] - overlap), why=why)
    return Opened(connection, here["now"], early, here["xmin"], here["xmax"], why=why)


def _sqlite(engine: sa.Engine, strands: Sequence[Strand]) -> Opened:
    with engine.connect() as guard, _alone(guard) as alone:
        connection = engine.connect()
        try:
            now = clock_of(connection)
            last = newest(connection, strands, now)
            # Its clock has milliseconds: what is still to be stamped with this very one would be lost.
            while alone and last is not None and now <= last:
                time.sleep(0.001)
                now = clock_of(connection)
            connection.rollback()
            return Opened(_frozen(connection), now, ties=not alone)
        except BaseException:
            connection.close()
            raise


@contextmanager
def _alone(guard: sa.Connection) -> Iterator[bool]:
    """Whether nobody was writing to this SQLite file; then nobody begins to as long as this lasts.

    Who was at it when the last one finished, within one tick of the clock, may commit its stamp once more.
    """
    guard.exec_driver_sql("pragma busy_timeout = 0")
    alone = False
    with suppress(sa.exc.OperationalError):
        guard.exec_driver_sql("begin immediate")
        alone = True
    try:
        yield alone
    finally:
        guard.rollback()
        guard.exec_driver_sql(f"pragma busy_timeout = {LOCK_TIMEOUT_S * 1000}")


# ``now()`` is the look's own beginning: whatever starts after it starts later. On a standby the writers are
# on another server; of other accounts' sessions one without pg_read_all_stats sees no beginnings.
_LOOK = sa.text("""
with others as (
  select pid, xact_start,
    usesysid is not null and not pg_has_role(usesysid, 'usage')
      and not pg_has_role('pg_read_all_stats', 'usage') as hidden
  from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()
    and backend_type is distinct from 'autovacuum worker'
)
select now() as now, coalesce(bool_or(hidden), false) or pg_is_in_recovery() as hidden,
  min(xact_start) as oldest,
  (array_agg(pid order by xact_start) filter (where xact_start is not null))[1] as pid,
  exists (select from pg_prepared_xacts where database = current_database()) as prepared,
  not exists (
    select from pg_class where relkind not in ('r', 'p')
      and oid in (select to_regclass(quote_ident(name)) from unnest(cast(:tables as text[])) as name)
  ) as tables
from others
""")
_SNAPSHOT = sa.text("""
select cast(cast(pg_snapshot_xmin(s) as text) as bigint) as xmin,
  cast(cast(pg_snapshot_xmax(s) as text) as bigint) as xmax, clock_timestamp() as now
from pg_current_snapshot() as s
""")
