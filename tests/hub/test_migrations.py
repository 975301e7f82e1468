"""The hub's database comes up to date by itself, from any older shape, and keeps what it remembers."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from connectors import sql_engine
from connectors.errors import Misconfigured
from hub import migrations
from hub.memory import Memory
from hub.migrations.upgrade import revision_of, upgrade
from hub.state import open_state
from models.state import METADATA, quarantine
from tests.hub import before_revisions

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ENTRY = {
    "flow": "orders", "step": "book", "stream": "crm.orders", "key": "CO-1", "state": "waiting",
    "rule": "customer_in_erp", "reason": "no customer yet", "payload": "{}", "count": 3,
    "first_seen_at": AT, "last_seen_at": AT,
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh(request, tmp_path)


def fresh(request: pytest.FixtureRequest, folder: Path, name: str = "state") -> str:
    kind = request.node.callspec.params["address"]
    if kind != "sqlite":
        return str(request.getfixturevalue(f"new_{kind}")())
    (folder / f"{name}.db").touch()
    return f"sqlite:///{folder / name}.db"


@pytest.fixture
def engine(address: str) -> Iterator[sa.Engine]:
    made = sql_engine.make_engine(sql_engine.parse("state", address))
    yield made
    made.dispose()


def bring_up(address: str) -> None:
    open_state(address).close()


def shape(engine: sa.Engine) -> dict[str, Any]:
    """All that the database itself says of its tables."""
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in set(inspector.get_table_names()) - {"alembic_version"}:
            columns = [
                (each["name"], each["type"].compile(connection.dialect), each["nullable"], each["default"],
                 each.get("comment"))
                for each in inspector.get_columns(table)
            ]  # fmt: skip
            found[table] = {
                "columns": sorted(columns),
                "key": inspector.get_pk_constraint(table)["constrained_columns"],
                "unique": sorted(str(each) for each in inspector.get_unique_constraints(table)),
                "indexes": sorted(str(each) for each in inspector.get_indexes(table)),
                "comment": connection.dialect.supports_comments and inspector.get_table_comment(table),
                "options": {
                    name: value
                    for name, value in inspector.get_table_options(table).items()
                    if "auto_increment" not in name
                },
            }
    return found


def declared(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    """The shape of the models, on the same kind of database."""
    other = sql_engine.make_engine(sql_engine.parse("state", fresh(request, folder, "declared")))
    try:
        METADATA.create_all(other)
        return shape(other)
    finally:
        other.dispose()


def insert_old_entry(engine: sa.Engine) -> None:
    with sql_engine.writing(engine) as connection:
        connection.execute(sa.insert(before_revisions.quarantine).values(**ENTRY))


def test_a_new_database_has_the_shape_of_the_models(
    request: pytest.FixtureRequest, address: str, engine: sa.Engine, tmp_path: Path
) -> None:
    bring_up(address)
    assert shape(engine) == declared(request, tmp_path)


def test_a_database_from_before_revisions_gets_the_shape_of_the_models_and_keeps_its_rows(
    request: pytest.FixtureRequest, address: str, engine: sa.Engine, tmp_path: Path
) -> None:
    before_revisions.make(engine)
    insert_old_entry(engine)
    bring_up(address)
    assert shape(engine) == declared(request, tmp_path)
    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(quarantine)).mappings()
    assert {name: row[name] for name in ENTRY} == ENTRY
    assert row["resolved_at"] is None


def test_an_upgrade_that_was_cut_off_is_finished_by_the_next_start(
    request: pytest.FixtureRequest, address: str, engine: sa.Engine, tmp_path: Path
) -> None:
    before_revisions.make(engine)
    with sql_engine.writing(engine) as connection:
        METADATA.tables["leases"].create(connection)
        connection.exec_driver_sql("alter table links add column prints text")
    bring_up(address)
    wanted = declared(request, tmp_path)
    for found in (wanted, now := shape(engine)):
        del found["links"]["columns"]  # its comment and length are of the statement above
    assert now == wanted


def test_a_newer_database_is_refused_untouched(address: str, engine: sa.Engine) -> None:
    bring_up(address)
    with sql_engine.writing(engine) as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0999'")
        connection.exec_driver_sql("drop table chores")
    with pytest.raises(Misconfigured, match=rf"revision 0999, .* up to {migrations.HEAD}.*Install"):
        bring_up(address)
    assert "chores" not in shape(engine)


def test_an_older_revision_is_brought_forward(address: str, engine: sa.Engine) -> None:
    before_revisions.make(engine)
    with sql_engine.writing(engine) as connection:
        connection.exec_driver_sql("create table alembic_version (version_num varchar(32) primary key)")
        connection.exec_driver_sql("insert into alembic_version values ('0001')")
    bring_up(address)
    assert "chores" in shape(engine)


def test_the_revisions_named_are_those_that_are_there() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    there = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(there)) == migrations.REVISIONS


def test_a_start_with_nothing_to_do_asks_once_and_imports_no_alembic(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state.db'}"
    bring_up(address)
    code = f"import sys; from hub.state import open_state; open_state({address!r}).close(); "
    code += "sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    state = open_state(address)
    asked: list[str] = []
    sa.event.listen(
        state._engine, "before_cursor_execute", lambda *given: asked.append(given[2])
    )  # what it asks is the promise
    state.create()
    state.close()
    assert asked == ["select version_num from alembic_version"]


def test_whoever_gets_the_lock_next_sees_the_revision_that_was_reached(new_mariadb: Any) -> None:
    url = str(new_mariadb())
    engine, other = (sql_engine.make_engine(sql_engine.parse("state", url)) for _ in range(2))
    seen: list[str | None] = []

    def look(*given: Any) -> None:
        if "release_lock" in given[2].lower():
            with other.connect() as connection:
                seen.append(revision_of(connection))

    sa.event.listen(engine, "before_cursor_execute", look)
    upgrade(engine)
    assert seen == [migrations.HEAD]
    engine.dispose()
    other.dispose()


def open_together(address: str, gate: Any, said: Any) -> None:
    """What each process does: wait for the others, open, use."""
    gate.wait(timeout=60)
    try:
        state = open_state(address)
        Memory(state, flow="orders", step="book").open_run()
        state.close()
        said.put("")
    except Exception as error:
        said.put(f"{type(error).__name__}: {error}")


@pytest.mark.slow
def test_processes_that_meet_an_old_database_at_once_all_find_it_new(
    request: pytest.FixtureRequest, address: str, engine: sa.Engine, tmp_path: Path
) -> None:
    before_revisions.make(engine)
    insert_old_entry(engine)
    engine.dispose()
    context = multiprocessing.get_context("spawn")
    gate, said = context.Barrier(4), context.Queue()
    processes = [context.Process(target=open_together, args=(address, gate, said)) for _ in range(4)]
    try:
        for process in processes:
            process.start()
        assert {said.get(timeout=60) for _ in processes} == {""}
    finally:
        for process in processes:
            process.join(timeout=10)
            process.kill()
    assert shape(engine) == declared(request, tmp_path)
