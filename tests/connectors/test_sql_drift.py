"""A store whose columns are not the model's is told apart before a row is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Refused
from connectors.sql import SqlConnector
from models import SYSTEMS, streams
from tests.connectors.conftest import KINDS, Database

STREAM = "crm.campaigns"


class Store:
    """A CRM of one kind with one table, which a test may change."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url
        self.engine = sa.create_engine(url)
        self.connector = SqlConnector("crm", url)

    def run(self, *statements: str) -> None:
        quote = "`" if self.kind == "mariadb" else '"'
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace('"', quote))

    def drift(self) -> tuple[str, ...]:
        return self.connector.drift(STREAM)

    def renew(self) -> None:
        """Go on with a connector that has not looked yet."""
        self.connector.close()
        self.connector = SqlConnector("crm", self.url)

    def close(self) -> None:
        self.connector.close()
        self.engine.dispose()


@pytest.fixture(scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of an empty database of a kind, one for all these tests."""
    made: dict[str, str] = {}

    def of(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('drift') / 'crm.db'}"
        if kind not in made:
            made[kind] = request.getfixturevalue(f"new_{kind}")()
        return made[kind]

    return of


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, address: Callable[[str], str]) -> Iterator[Store]:
    """Each kind, with one table and no triggers."""
    store = Store(request.param, address(request.param))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("drop view if exists campaigns_view")
        connection.exec_driver_sql("drop table if exists campaigns")
    SYSTEMS["crm"].tables["campaigns"].create(store.engine)
    yield store
    store.close()


def retype(store: Store, column: str, type_: str) -> None:
    """Give a column another type, by a new one of its name where an index or rows hold it."""
    if store.kind != "mariadb":
        store.run(
            f"alter table campaigns drop column {column}",
            f"alter table campaigns add column {column} {type_}",
        )
    else:
        store.run(f"alter table campaigns modify column {column} {type_}")


@pytest.mark.parametrize("system", ["crm", "erp"])
def test_a_store_as_its_model_says_has_no_drift(database: Database, system: str) -> None:
    connector = SqlConnector(system, database.urls[system])
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
    store.renew()
    retype(store, "updated_at", "timestamp(3)")
    with pytest.raises(Refused, match="instant with 6 digits after the point in the model"):
        store.drift()


def test_a_view_is_held_against_the_model_like_a_table(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    table = SYSTEMS["crm"].tables["campaigns"]
    monkeypatch.setattr(table, "name", "campaigns_view")
    store.run("create view campaigns_view as select * from campaigns")
    assert store.drift() == ()
    store.renew()
    store.run("drop view campaigns_view")
    store.run('create view campaigns_view as select campaign_no, name as "Title" from campaigns')
    with pytest.raises(
        Refused, match=r"column name, text, is not there;.*column updated_at, instant, is not"
    ):
        store.drift()


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
