"""Opens the private build file, the one place where the warehouse is made.

Raw rows, what changed of them, and everything made of them lie in this DuckDB file, a schema each. It is
not what readers open: that is the published file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import Unreachable
from settings import Settings
from warehouse.build_lock import building_alone

if TYPE_CHECKING:
    import duckdb

# Nothing is fetched at run time, and a build leaves room for the stores and Airflow beside it.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    # A misspelt table must be an error, never a variable of ours that happens to have its name.
    "python_enable_replacements": "false",
}
SCHEMAS = ("raw", "delta", "staging", "core", "planning", "marts", "quality")

_TABLES = (
    "create table if not exists raw.run (run_id integer, read_at timestamptz)",
    "create table if not exists delta.changes (relation varchar, tick bigint, whole_tick bigint)",
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


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB file with the settings every connection of ours has."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), config=CONFIG)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise Unreachable(
            f"{path.name}: another process builds the warehouse; expected to be alone; wait for it"
        ) from error
    connection.execute("set TimeZone = 'UTC'")
    return connection


@contextmanager
def open_build(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, made with its bookkeeping tables when it is not there; closed at the end."""
    with building_alone(settings):
        connection = connect(settings.build_file)
        try:
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            for statement in _TABLES:
                connection.execute(statement)
            yield connection
        finally:
            connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
