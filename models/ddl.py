"""Makes the tables in a database, with the triggers that keep ``updated_at`` and ``tombstones`` true.

SQL writers cannot forget either: an insert takes the database's clock by default, an update and a change of
a document's line restamp by trigger, a delete leaves its tombstone by trigger. Bulk loads create the tables
first, load, and create the triggers last.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from models.types import NOW_SQL


def create_tables(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Create what is missing of the tables, without triggers."""
    metadata.create_all(engine)


def create_triggers(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Create or replace the triggers of every stream of ``metadata``."""
    drop_triggers(engine, metadata)
    with engine.begin() as connection:
        for statement in _create_statements(engine.dialect.name, metadata):
            connection.exec_driver_sql(
                statement.replace("%", "%%") if _percent_doubles(engine) else statement
            )


def drop_triggers(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Drop the triggers, for a bulk load that sets everything itself."""
    on = " on {table}" if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        for table in _stream_tables(metadata):
            for name in _trigger_names(table):
                connection.exec_driver_sql(f"drop trigger if exists {name}{on.format(table=table.name)}")


def create(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Create tables and triggers: a store ready for use."""
    create_tables(engine, metadata)
    create_triggers(engine, metadata)


def _percent_doubles(engine: sa.Engine) -> bool:
    return engine.dialect.paramstyle in ("format", "pyformat")


def _stream_tables(metadata: sa.MetaData) -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table.name != "tombstones"]


def _trigger_names(table: sa.Table) -> list[str]:
    verbs = ["touch", "bury"]
    if table.info.get("header"):
        verbs += ["restamp_insert", "restamp_update", "restamp_delete"]
    return [f"{table.name}_{verb}" for verb in verbs]


def _create_statements(dialect: str, metadata: sa.MetaData) -> Iterator[str]:
    if dialect == "postgresql":
        yield from _POSTGRESQL_FUNCTIONS
    write = {"sqlite": _sqlite, "postgresql": _postgresql}.get(dialect, _mariadb)
    for table in _stream_tables(metadata):
        header = metadata.tables[table.info["header"]] if table.info.get("header") else None
        yield from write(
            table.name,
            _key(table),
            header.name if header is not None else "",
            _key(header) if header is not None else "",
        )


def _key(table: sa.Table) -> str:
    (column,) = table.primary_key.columns
    return column.name


def _sqlite(table: str, key: str, header: str, header_key: str) -> Iterator[str]:
    now = NOW_SQL["sqlite"]
    yield (
        f"create trigger {table}_touch after update on {table} begin "
        f"update {table} set updated_at = {now} where rowid = new.rowid; end"
    )
    yield (
        f"create trigger {table}_bury after delete on {table} begin "
        f'insert or replace into tombstones (stream, "key", deleted_at) '
        f"values ('{table}', old.{key}, {now}); end"
    )
    for verb in ("insert", "update", "delete") if header else ():
        row = "old" if verb == "delete" else "new"
        yield (
            f"create trigger {table}_restamp_{verb} after {verb} on {table} begin "
            f"update {header} set updated_at = {now} where {header_key} = {row}.{header_key}; end"
        )


def _mariadb(table: str, key: str, header: str, header_key: str) -> Iterator[str]:
    now = NOW_SQL["mysql"]
    yield f"create trigger {table}_touch before update on {table} for each row set new.updated_at = {now}"
    yield (
        f"create trigger {table}_bury after delete on {table} for each row "
        f"replace into tombstones (stream, `key`, deleted_at) values ('{table}', old.{key}, {now})"
    )
    for verb in ("insert", "update", "delete") if header else ():
        row = "old" if verb == "delete" else "new"
        yield (
            f"create trigger {table}_restamp_{verb} after {verb} on {table} for each row "
            f"update {header} set updated_at = {now} where {header_key} = {row}.{header_key}"
        )


def _postgresql(table: str, key: str, header: str, header_key: str) -> Iterator[str]:
    yield (
        f"create trigger {table}_touch before update on {table} for each row execute function triada_touch()"
    )
    yield (
        f"create trigger {table}_bury after delete on {table} "
        f"for each row execute function triada_bury('{key}')"
    )
    for verb in ("insert", "update", "delete") if header else ():
        yield (
            f"create trigger {table}_restamp_{verb} after {verb} on {table} "
            f"for each row execute function triada_restamp('{header}', '{header_key}')"
        )


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
    """create or replace function triada_restamp() returns trigger language plpgsql as $$
declare changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
begin
  execute format('update %I set updated_at = clock_timestamp() where %I = $1', tg_argv[0], tg_argv[1])
  using changed ->> tg_argv[1];
  return null;
end $$""",
)
