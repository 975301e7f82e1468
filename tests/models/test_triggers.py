"""Making a store again leaves its triggers alone and brings back the one that is missing."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from models import SYSTEMS, ddl
from stores.engines import open_stores

NAMES = {
    "sqlite": "select name from sqlite_master where type = 'trigger'",
    # The number that PostgreSQL gives is a new one when a trigger is made again.
    "postgresql": "select tgname || ':' || oid from pg_trigger where not tgisinternal",
    "mysql": "select concat(trigger_name, ':', created) from information_schema.triggers "
    "where trigger_schema = database()",
}
CRM = SYSTEMS["crm"]


@pytest.fixture(params=("sqlite", "postgresql", "mariadb"))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A CRM that is complete, on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'crm'}.db"
    else:
        url = request.getfixturevalue(f"new_{request.param}")()
    made = open_stores({"crm": url})["crm"]
    ddl.create(made, CRM)
    yield made
    made.dispose()


def kind(engine: sa.Engine) -> str:
    return "mysql" if engine.dialect.name == "mariadb" else engine.dialect.name


def triggers(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.exec_driver_sql(NAMES[kind(engine)]).scalars())


def definitions(engine: sa.Engine) -> list[str]:
    """What is sent to the database that defines something, from now on."""
    sent: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("create", "drop", "begin", "CREATE")):
            sent.append(" ".join(statement.split()))

    return sent


def drop(engine: sa.Engine, name: str, table: str) -> None:
    on = f" on {table}" if kind(engine) == "postgresql" else ""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"drop trigger {name}{on}")


def test_making_a_store_again_changes_nothing(engine: sa.Engine) -> None:
    before, sent = triggers(engine), definitions(engine)
    ddl.create(engine, CRM)
    assert len(before) > 20
    assert triggers(engine) == before
    assert sent == []


def test_only_the_missing_trigger_is_made_again(engine: sa.Engine) -> None:
    before = triggers(engine)
    drop(engine, "orders_touch", "orders")
    left = triggers(engine)
    sent = definitions(engine)
    ddl.create_triggers(engine, CRM)
    after = triggers(engine)
    assert len(left) == len(before) - 1
    assert left < after
    assert {name.partition(":")[0] for name in after} == {name.partition(":")[0] for name in before}
    assert not [statement for statement in sent if statement.startswith("drop")]
    assert len([statement for statement in sent if statement.startswith("create trigger")]) == 1


def test_a_trigger_that_was_made_again_works(engine: sa.Engine) -> None:
    staff = CRM.tables["staff"]
    drop(engine, "staff_bury", "staff")
    ddl.create_triggers(engine, CRM)
    person = {"employee_no": "E-1", "name": "Ana", "department_no": "D-1", "is_active": True}
    with engine.begin() as connection:
        connection.execute(staff.insert().values(**person))
        connection.execute(staff.delete())
        buried = CRM.tables["tombstones"]
        assert connection.execute(sa.select(buried.c.stream, buried.c.key)).all() == [("staff", "E-1")]


def test_triggers_that_fail_to_be_made_leave_those_that_were_there(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind(engine) == "mysql":
        pytest.skip(
            "MariaDB commits each definition by itself; what was made stays and the rest is made next"
        )
    drop(engine, "orders_touch", "orders")
    left = triggers(engine)
    real = ddl._triggers
    with monkeypatch.context() as patched:
        patched.setattr(
            ddl, "_triggers", lambda *given: {**real(*given), "broken": "create trigger broken nonsense"}
        )
        with pytest.raises(sa.exc.DBAPIError):
            ddl.create_triggers(engine, CRM)
    assert triggers(engine) == left


def test_a_line_that_moves_changes_both_documents(engine: sa.Engine) -> None:
    accounts, orders, lines = (CRM.tables[name] for name in ("accounts", "orders", "order_lines"))
    now = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    account = {"account_no": "A-1", "name": "Ken", "owner_no": "E-1", "currency": "EUR", "status": "active"}
    order = {"account_no": "A-1", "status": "draft", "ordered_at": now, "currency": "EUR", "total_amount": 1}
    line = {"order_line_no": "O-1:1", "order_no": "O-1", "line_no": 1, "item_no": "IT-1", "quantity": 1}
    with engine.begin() as connection:
        connection.execute(accounts.insert().values(**account, created_on=now.date()))
        for number in ("O-1", "O-2"):
            connection.execute(orders.insert().values(**order, order_no=number, approval_status="none"))
        connection.execute(lines.insert().values(**line, unit_price=1, discount_rate=0, line_amount=1))
    stamps = sa.select(orders.c.order_no, orders.c.updated_at)
    with engine.connect() as connection:
        before = {row.order_no: row.updated_at for row in connection.execute(stamps)}
    time.sleep(0.005)
    with engine.begin() as connection:
        connection.execute(lines.update().values(order_no="O-2"))
        after = {row.order_no: row.updated_at for row in connection.execute(stamps)}
    assert all(after[number] > before[number] for number in ("O-1", "O-2"))
