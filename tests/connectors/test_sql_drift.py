"""A store whose columns are not the model's is told apart before a row is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Refused
from connectors.sql import SqlConnector
from models import SYSTEMS, ddl, streams
from tests.connectors.conftest import KINDS

STREAM = "crm.campaigns"


class Store:
    """A CRM of one kind whose tables a test may change."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.engine = sa.create_engine(url)
        self.connector = SqlConnector("crm", url)

    def run(self, *statements: str) -> None:
        quote = "`" if self.kind == "mariadb" else '"'
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace('"', quote))

    def drift(self) -> tuple[str, ...]:
        return self.connector.drift(STREAM)

    def close(self) -> None:
        self.connector.close()
        self.engine.dispose()


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each kind, with one table and no triggers."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'crm.db'}"
    else:
        new: Callable[[], str] = request.getfixturevalue(f"new_{request.param}")
        url = new()
    store = Store(request.param, url)
    campaigns = SYSTEMS["crm"].tables["campaigns"]
    campaigns.create(store.engine)
    yield store
    store.close()


def retype(store: Store, column: str, type_: str) -> None:
    """Give a column another type; SQLite by a new one of its name."""
    if store.kind == "sqlite":
        store.run(
            f"alter table campaigns drop column {column}",
            f"alter table campaigns add column {column} {type_}",
        )
    elif store.kind == "postgresql":
        store.run(
            f"alter table campaigns drop column {column}",
            f"alter table campaigns add column {column} {type_}",
        )
    else:
        store.run(f"alter table campaigns modify column {column} {type_}")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_store_as_its_model_says_has_no_drift(
    store: Store, request: pytest.FixtureRequest, tmp_path: Path, system: str
) -> None:
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    if store.kind != "sqlite":
        new: Callable[[], str] = request.getfixturevalue(f"new_{store.kind}")
        url = new()
    engine = sa.create_engine(url)
    ddl.create_tables(engine, SYSTEMS[system])
    engine.dispose()
    connector = SqlConnector(system, url)
    try:
        mine = [stream for stream in streams() if stream.startswith(f"{system}.")]
        assert {stream: connector.drift(stream) for stream in mine} == dict.fromkeys(mine, ())
    finally:
        connector.close()


def test_a_new_column_is_told_and_stops_nothing(store: Store) -> None:
    store.run('alter table campaigns add column "Kind of Fair" varchar(20)')
    (said,) = store.drift()
    assert said.startswith("crm.campaigns in crm (")
    assert "has a column Kind of Fair (text, varchar(20)) that its model does not declare" in said


def test_a_column_that_is_gone_stops_naming_both_sides(store: Store) -> None:
    store.run("alter table campaigns drop column budget_amount")
    with pytest.raises(Refused, match=r"crm\.campaigns in crm \(.*column budget_amount, .*, is not there"):
        store.drift()


@pytest.mark.parametrize("name", ["title", "Name", "full name"])
def test_a_column_of_another_name_is_asked_about(store: Store, name: str) -> None:
    if store.kind != "postgresql" and name == "Name":
        pytest.skip("only PostgreSQL tells names by their case")
    store.run(f'alter table campaigns rename column name to "{name}"')
    with pytest.raises(Refused, match=rf"column name, text, is not there \(was it renamed to {name}\?\)"):
        store.drift()


def test_nobody_is_asked_about_a_new_column_of_another_type_or_one_of_several(store: Store) -> None:
    store.run("alter table campaigns drop column name", "alter table campaigns add column colour integer")
    with pytest.raises(Refused) as one:
        store.drift()
    assert "renamed" not in str(one.value)
    store.run("alter table campaigns add column title varchar(200)")
    store.run("alter table campaigns add column label varchar(200)")
    with pytest.raises(Refused) as several:
        store.drift()
    assert "renamed" not in str(several.value)


@pytest.mark.parametrize(
    ("column", "type_", "told"),
    [
        ("budget_amount", "real", "column budget_amount is inexact number, .* there, (exact number|text) in"),
        ("budget_amount", "integer", "column budget_amount is whole number, integer.* there"),
        ("name", "integer", "column name is whole number, .* there, text in the model"),
        ("starts_on", "varchar(10)", r"column starts_on is text, varchar\(10\) there, date in the model"),
        ("updated_at", "date", "column updated_at is date there, instant in the model"),
        ("updated_at", "integer", "column updated_at is whole number, .* there, instant in the model"),
    ],
)
def test_a_column_of_another_type_stops(store: Store, column: str, type_: str, told: str) -> None:
    if store.kind == "sqlite" and column == "updated_at":
        store.run("drop index ix_campaigns_changed")
    retype(store, column, type_)
    with pytest.raises(Refused, match=told):
        store.drift()


def test_a_column_that_holds_fewer_digits_stops(store: Store) -> None:
    if store.kind == "sqlite":
        pytest.skip("SQLite keeps no digits but those of the text")
    retype(store, "budget_amount", "numeric(18,2)")
    with pytest.raises(Refused, match="exact number with 4 digits after the point in the model"):
        store.drift()
    retype(store, "budget_amount", "numeric(18,6)")
    assert store.drift() == ()
    retype(store, "updated_at", "timestamp(3)")
    with pytest.raises(Refused, match="instant with 6 digits after the point in the model"):
        store.drift()


def test_a_view_is_held_against_the_model_like_a_table(store: Store) -> None:
    store.run("alter table campaigns rename to vendor_campaigns")
    store.run("create view campaigns as select * from vendor_campaigns")
    assert store.drift() == ()
    store.run("drop view campaigns")
    store.run('create view campaigns as select campaign_no, name as "Title" from vendor_campaigns')
    with pytest.raises(
        Refused, match=r"column name, text, is not there;.*column updated_at, instant, is not"
    ):
        SqlConnector("crm", store.engine.url.render_as_string(hide_password=False)).drift(STREAM)


def test_a_table_that_is_not_there_stops(store: Store) -> None:
    with pytest.raises(Refused, match=r"crm\.accounts: crm \(.*\) has no table or view accounts; expected"):
        store.connector.drift("crm.accounts")
    with pytest.raises(Misconfigured, match=r"crm\.nothing"):
        store.connector.drift("crm.nothing")


def test_a_stream_is_looked_at_once(store: Store) -> None:
    asked: list[str] = []
    assert store.drift() == ()
    engine = store.connector._engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert store.drift() == ()
    assert asked == []
