"""Opens the private build file, the one place where the warehouse is made.

Raw rows, what changed of them, and everything made of them lie in this DuckDB file, a schema each. It is
not what readers open: that is the published file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from settings import Settings
from warehouse.broken import refused_when_broken, refused_when_closed
from warehouse.build_lock import POLL_S, WAIT_S, BeingBuilt, building_alone
from warehouse.leftovers import discard, fresh_file, spill_folder, sweep
from warehouse.room import refused_without_room

if TYPE_CHECKING:
    import duckdb

SCHEMAS = ("raw", "delta", "staging", "core", "planning", "marts", "quality")

STORAGE = "v1.5.0"
"""The layout of a new build file: texts take less time and room in it than in the one that DuckDB 1.0 reads.

Only this program reads it; what is published keeps the old one, for any tool. Older files stay as they are.
"""

_TABLES = (
    "create table if not exists raw.run (run_id integer, read_at timestamptz)",
    "create table if not exists delta.changes (relation varchar, tick bigint, whole_tick bigint)",
    "alter table delta.changes add column if not exists more_tick bigint",
    "create table if not exists delta.clock as select cast(0 as bigint) as tick",
    "create table if not exists raw.build (as_of timestamptz, currency varchar, timezone varchar)",
    """create table if not exists raw.streams (
        stream varchar, watermark timestamptz, read_at timestamptz, changed_run_id integer,
        last_changed_at timestamptz)""",
    "create table if not exists raw.tombstone_marks (system varchar, mark timestamptz)",
    """create table if not exists raw.source_totals (
        stream varchar, status varchar, currency varchar, column_name varchar, total decimal(38, 4),
        taken_at timestamptz)""",
    "alter table raw.source_totals add column if not exists taken_at timestamptz",
    """create table if not exists planning.forecast (
        series_kind varchar, series_key varchar, period_on date, is_forecast boolean,
        actual decimal(18, 4), forecast decimal(18, 4), lower_80 decimal(18, 4), upper_80 decimal(18, 4),
        naive decimal(18, 4), model varchar, model_error decimal(18, 4), naive_error decimal(18, 4),
        beats_naive boolean)""",
    """create table if not exists quality.results (
        run_id integer, checked_at timestamptz, layer varchar, gate varchar, on_table varchar,
        severity varchar, outcome varchar, violations bigint, says varchar, message varchar)""",
    # A build file of an earlier version gets what results and failing rows have since.
    "alter table quality.results add column if not exists seconds double",
    "alter table quality.results add column if not exists checked_run_id integer",
    "alter table quality.results add column if not exists follows varchar",
    """create or replace view quality.latest as
        select layer, gate, on_table, severity, outcome, violations, says, message
        from quality.results where run_id = (select max(run_id) from quality.results)""",
    "create table if not exists quality.failures (gate varchar, failing_row varchar)",
    "alter table quality.failures add column if not exists run_id integer",
    "alter table quality.failures add column if not exists on_table varchar",
    "alter table quality.failures add column if not exists severity varchar",
    "alter table quality.failures add column if not exists row_key varchar",
    "alter table quality.failures add column if not exists reason varchar",
    "create table if not exists quality.passed (gate varchar, inputs varchar, run_id integer)",
    "create table if not exists quality.gate_streams (gate varchar, stream varchar)",
    """create table if not exists quality.built (
        relation varchar, fingerprint varchar, text varchar, seen bigint, states varchar)""",
    *(
        f"alter table quality.built add column if not exists {column}"
        for column in ("text varchar", "seen bigint", "states varchar")
    ),
)


def connect(settings: Settings, *, wait_s: float = WAIT_S) -> duckdb.DuckDBPyConnection:
    """A connection to the build file; ``BeingBuilt`` when it is still open elsewhere after the wait.

    ``Refused`` when it is broken, or this user may not have it.
    """
    with refused_when_closed(settings.build_file), refused_when_broken(settings.build_file, opening=True):
        return _connect(settings, wait_s=wait_s)


def _connect(settings: Settings, *, wait_s: float) -> duckdb.DuckDBPyConnection:
    import duckdb

    path = settings.build_file
    # Nothing is fetched at run time, and a build leaves room for the stores and Airflow beside it.
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        # A misspelt table must be an error, never a variable of ours that happens to have its name.
        "python_enable_replacements": "false",
        "memory_limit": settings.warehouse_memory,
        "temp_directory": str(spill_folder(settings)),
    }
    if not path.exists():
        _make(path)
    until = time.monotonic() + wait_s
    while True:
        try:
            connection = duckdb.connect(str(path), config=config)
        except duckdb.IOException as error:
            if "could not set lock" not in str(error).lower():
                raise
            if time.monotonic() >= until:
                raise BeingBuilt(
                    f"{path.name}: another process has it open; expected to build alone; wait for it"
                ) from error
            time.sleep(POLL_S)
        else:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set enable_progress_bar = false")  # standard output is the command's own
            return connection


def _make(path: Path) -> None:
    """An empty build file, put in place whole: a build killed while DuckDB makes one leaves no half of it."""
    import duckdb

    fresh = fresh_file(path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)  # of a file that is gone
    try:
        duckdb.connect(str(fresh), config={"storage_compatibility_version": STORAGE}).close()
        fresh.replace(path)
    finally:
        discard(fresh)


@contextmanager
def open_build(settings: Settings, *, wait_s: float = WAIT_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, made with its bookkeeping tables when it is not there; closed at the end.

    What dead builds left is swept first. ``BeingBuilt`` when somebody else still builds after the wait,
    ``NoRoom`` when the disk or the memory has no room left: then the status says stale. ``Refused`` when it
    is broken, or this user may not have it.
    """
    path = settings.build_file
    with building_alone(settings, wait_s=wait_s), refused_when_broken(path), refused_without_room(settings):
        with refused_when_closed(path):
            sweep(settings)
        connection = connect(settings, wait_s=wait_s)
        try:
            with refused_when_broken(path, opening=True):
                _keep_books(connection)
            yield connection
        finally:
            connection.close()


def _keep_books(connection: duckdb.DuckDBPyConnection) -> None:
    """The schemas and bookkeeping tables that are not there yet."""
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    for statement in _TABLES:
        connection.execute(statement)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    import duckdb

    connection.begin()
    try:
        yield
    except BaseException:
        # A full disk may already have ended the transaction: what went wrong first is what is told.
        with suppress(duckdb.Error):
            connection.rollback()
        raise
    connection.commit()
