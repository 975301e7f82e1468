"""Makes the tables in a database, with the triggers that keep ``updated_at`` and ``tombstones`` true.

SQL writers cannot forget either: an insert takes the database's clock by default, an update and a change of
a document's line restamp by trigger, a delete leaves its tombstone by trigger. Bulk loads create the tables
first, load, and create the triggers last. What is there already is left alone, so writers never miss one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from models.internal import INTERNAL
from models.types import NOW_SQL


def create_tables(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Create what is missing of the tables, without triggers."""
    metadata.create_all(engine)


def create_triggers(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Create the triggers of the streams of ``metadata`` that are missing; those there are never away.

    One transaction; MariaDB, which commits every statement by itself, loses nothing by that: none is dropped.
    """
    triggers = _triggers(engine.dialect.name, metadata)
    with engine.connect() as connection:
        if triggers.keys() <= _there(connection):
            return
    with _one_transaction(engine) as connection:
        there = _there(connection)
        missing = [statement for name, statement in triggers.items() if name not in there]
        functions = _POSTGRESQL_FUNCTIONS if missing and engine.dialect.name == "postgresql" else ()
        for statement in (*functions, *missing):
            connection.exec_driver_sql(
                statement.replace("%", "%%") if _percent_doubles(engine) else statement
            )


def drop_triggers(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Drop the triggers, for a bulk load that sets everything itself."""
    on = " on {table}" if engine.dialect.name == "postgresql" else ""
    with _one_transaction(engine) as connection:
        for table in _stream_tables(metadata):
            for verb, _ in _parts(engine.dialect.name, table):
                connection.exec_driver_sql(
                    f"drop trigger if exists {table.name}_{verb}{on.format(table=table.name)}"
                )


def create(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Create tables and triggers: a store ready for use."""
    create_tables(engine, metadata)
    create_triggers(engine, metadata)


def _percent_doubles(engine: sa.Engine) -> bool:
    return engine.dialect.paramstyle in ("format", "pyformat")


def _stream_tables(metadata: sa.MetaData) -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table.name not in INTERNAL]


@contextmanager
def _one_transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only one program at a time makes triggers in."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Its driver would otherwise commit every statement that defines something by itself.
            connection.exec_driver_sql("begin immediate")
        elif engine.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_advisory_xact_lock(hashtext('triada triggers'))")
        yield connection


def _there(connection: sa.Connection) -> set[str]:
    """The names of the triggers in the database, or in its schema, that the connection works in."""
    query = _TRIGGERS_THERE.get(connection.dialect.name, _TRIGGERS_THERE["mysql"])
    return set(connection.exec_driver_sql(query).scalars())


def _triggers(dialect: str, metadata: sa.MetaData) -> dict[str, str]:
    """The statement that creates each trigger, by its name."""
    # Two programs may find the same one missing, and MariaDB has no transaction to keep them apart.
    create = "create trigger" if dialect in ("sqlite", "postgresql") else "create trigger if not exists"
    return {
        f"{table.name}_{verb}": f"{create} {table.name}_{verb} {rest}"
        for table in _stream_tables(metadata)
        for verb, rest in _parts(dialect, table)
    }


def _parts(dialect: str, table: sa.Table) -> Iterator[tuple[str, str]]:
    """What each trigger of a stream is for, and its statement from there on."""
    header = table.metadata.tables[table.info["header"]] if table.info.get("header") else None
    yield from {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, _mariadb)(
        table.name,
        _key(table),
        header.name if header is not None else "",
        _key(header) if header is not None else "",
    )


def _key(table: sa.Table) -> str:
    (column,) = table.primary_key.columns
    return column.name


def _sqlite(table: str, key: str, header: str, header_key: str) -> Iterator[tuple[str, str]]:
    now = NOW_SQL["sqlite"]
    yield (
        "touch",
        f"after update on {table} begin update {table} set updated_at = {now} where rowid = new.rowid; end",
    )
    yield (
        "bury",
        f"after delete on {table} begin "
        f'insert or replace into tombstones (stream, "key", deleted_at) '
        f"values ('{table}', old.{key}, {now}); end",
    )
    for name, verb, rows in _RESTAMPS if header else ():
        headers = ", ".join(f"{row}.{header_key}" for row in rows)
        yield (
            name,
            f"after {verb} on {table} begin "
            f"update {header} set updated_at = {now} where {header_key} in ({headers}); end",
        )


def _mariadb(table: str, key: str, header: str, header_key: str) -> Iterator[tuple[str, str]]:
    now = NOW_SQL["mysql"]
    yield "touch", f"before update on {table} for each row set new.updated_at = {now}"
    yield (
        "bury",
        f"after delete on {table} for each row "
        f"replace into tombstones (stream, `key`, deleted_at) values ('{table}', old.{key}, {now})",
    )
    for name, verb, rows in _RESTAMPS if header else ():
        headers = ", ".join(f"{row}.{header_key}" for row in rows)
        yield (
            name,
            f"after {verb} on {table} for each row "
            f"update {header} set updated_at = {now} where {header_key} in ({headers})",
        )


def _postgresql(table: str, key: str, header: str, header_key: str) -> Iterator[tuple[str, str]]:
    yield "touch", f"before update on {table} for each row execute function triada_touch()"
    yield (
        "bury",
        f"after delete on {table} for each row execute function triada_bury('{key}')",
    )
    for name, verb, rows in _RESTAMPS if header else ():
        # Once a statement, not once a row: a thousand lines in one insert restamp their headers at once.
        tables = " ".join(f"{row} table as {row}_rows" for row in rows)
        yield (
            name,
            f"after {verb} on {table} referencing {tables} "
            f"for each statement execute function triada_restamp_all('{header}', '{header_key}')",
        )


# A line that moves to another document changes both.
_RESTAMPS = (
    ("restamp_insert", "insert", ("new",)),
    ("restamp_change", "update", ("new", "old")),
    ("restamp_delete", "delete", ("old",)),
)
_TRIGGERS_THERE = {
    "sqlite": "select name from sqlite_master where type = 'trigger'",
    "postgresql": "select trigger_name from information_schema.triggers "
    "where trigger_schema = current_schema() and event_object_schema = current_schema()",
    "mysql": "select trigger_name from information_schema.triggers where trigger_schema = database()",
}
_POSTGRESQL_FUNCTIONS = (
    """create or replace function triada_touch() returns trigger language plpgsql as $$
begin new.updated_at := clock_timestamp(); return new; end $$""",
    """create or replace function triada_bury() returns trigger language plpgsql as $$
begin
  insert into tombstones (stream, key, deleted_at)
  values (tg_table_name, to_jsonb(old) ->> tg_argv[0], clock_timestamp())
  on conflict (stream, key) do update set deleted_at = excluded.deleted_at;
  return old;
end $$""",
    # In the order of the keys, so that two statements over the same documents wait and do not deadlock.
    """create or replace function triada_restamp_all() returns trigger language plpgsql as $$
declare headers text := case tg_op
  when 'INSERT' then 'select %2$I from new_rows'
  when 'DELETE' then 'select %2$I from old_rows'
  else 'select %2$I from new_rows union select %2$I from old_rows' end;
begin
  execute format('with mine as (select %2$I as key from %1$I where %2$I in (' || headers || ')
                                order by %2$I for no key update)
                  update %1$I set updated_at = clock_timestamp() from mine where %2$I = mine.key',
                 tg_argv[0], tg_argv[1]);
  return null;
end $$""",
)
