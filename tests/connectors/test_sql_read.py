"""Streams read from SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Refused
from connectors.protocol import Connector, Read
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.contract import ReadContract, read_all
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, line, order

CAMPAIGN_READ = Read("crm.campaigns")
ORDER_READ = Read("crm.orders", lines="crm.order_lines")


@dataclass
class Campaigns:
    """Campaigns that another program puts into the database."""

    connector: Connector
    engine: sa.Engine
    stream: str = "crm.campaigns"
    last: int = 0

    def put(self, rows: int) -> None:
        new = [campaign(number) for number in range(self.last + 1, self.last + rows + 1)]
        self.last += rows
        with self.engine.begin() as connection:
            connection.execute(stream_table(self.stream).insert(), new)


class TestContract(ReadContract):
    """A database keeps what every connector must keep."""

    @pytest.fixture
    def subject(self, crm: Connector, database: Database) -> Campaigns:
        return Campaigns(crm, database.engines["crm"])


def _stamp_all_alike(database: Database) -> None:
    """Give all campaigns one stamp, as a bulk load does: without the trigger, which would use the clock."""
    table = stream_table("crm.campaigns")
    with database.engines["crm"].begin() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        connection.execute(table.delete())
        stamped = [{**row, "updated_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)} for row in rows]
        connection.execute(table.insert(), stamped)


def test_equal_stamps_across_pages_neither_repeat_nor_skip(crm: Connector, database: Database) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(25)])
    _stamp_all_alike(database)
    rows = read_all(crm, CAMPAIGN_READ, crm.open_window(CAMPAIGN_READ, None), size=4)
    assert [row["campaign_no"] for row in rows] == [f"CA-{number:05}" for number in range(25)]


def test_what_is_stamped_after_the_window_opened_is_not_in_it(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(1)])
    for number in range(2, 12):
        window = crm.open_window(CAMPAIGN_READ, None)
        crm.write(CAMPAIGNS, [campaign(number)])
        later = crm.open_window(CAMPAIGN_READ, window.until)
        assert (window.count, later.count) == (number - 1, 1)


def test_a_window_is_what_was_there_when_it_opened(crm: Connector, database: Database) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(5)])
    window = crm.open_window(CAMPAIGN_READ, None)
    crm.write(CAMPAIGNS, [campaign(1, name="Renamed"), campaign(7)])
    database.sql("crm", "delete from campaigns where campaign_no = 'CA-00003'")
    rows = read_all(crm, CAMPAIGN_READ, window, size=2)
    assert sorted(row["name"] for row in rows) == [f"Fair {number}" for number in range(5)]
    assert crm.bounds(CAMPAIGN_READ, window) == (5, 5)
    later = crm.open_window(CAMPAIGN_READ, window.until)
    assert {row["name"] for row in read_all(crm, CAMPAIGN_READ, later)} == {"Renamed", "Fair 7"}


def test_deleting_the_newest_row_does_not_move_the_position_back(crm: Connector, database: Database) -> None:
    crm.write(CAMPAIGNS, [campaign(1)])
    crm.write(CAMPAIGNS, [campaign(2)])
    window = crm.open_window(CAMPAIGN_READ, None)
    database.sql("crm", "delete from campaigns where campaign_no = 'CA-00002'")
    later = crm.open_window(CAMPAIGN_READ, window.until)
    assert (json.loads(later.until)["at"], later.count) == (json.loads(window.until)["at"], 0)


def test_a_stamp_from_the_future_waits_and_holds_up_nobody(crm: Connector, database: Database) -> None:
    crm.write(CAMPAIGNS, [campaign(1)])
    future = {**campaign(2), "updated_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}
    with database.engines["crm"].begin() as connection:
        connection.execute(stream_table("crm.campaigns").insert(), [future])
    window = crm.open_window(CAMPAIGN_READ, None)
    assert [row["campaign_no"] for row in read_all(crm, CAMPAIGN_READ, window)] == ["CA-00001"]
    crm.write(CAMPAIGNS, [campaign(3)])
    later = crm.open_window(CAMPAIGN_READ, window.until)
    assert [row["campaign_no"] for row in read_all(crm, CAMPAIGN_READ, later)] == ["CA-00003"]


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ({"channel": "mail"}, [2, 5]),
        ({"channel": ("mail", "web")}, [2, 3, 5, 6]),
        ({"channel": ()}, []),
        ({"channel": "mail", "budget_amount": Decimal("7")}, [5]),
        ({"starts_on": dt.date(2026, 1, 1), "channel": ["web"]}, [3, 6]),
    ],
)
def test_where_takes_a_value_or_one_of_several(
    crm: Connector, where: dict[str, object], numbers: list[int]
) -> None:
    channels = ["fair", "mail", "web", "fair", "mail", "web"]
    rows = [campaign(n, channel=channel) for n, channel in enumerate(channels, 1)]
    rows[4]["budget_amount"] = Decimal("7.0000")
    crm.write(CAMPAIGNS, rows)
    read = Read("crm.campaigns", where=where)
    window = crm.open_window(read, None)
    assert [row["campaign_no"] for row in read_all(crm, read, window)] == [f"CA-{n:05}" for n in numbers]
    assert window.count == len(numbers)


def test_where_none_means_empty(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1, city=None), account(2, city="Bilbao"), account(3, city="Lugo")])
    for city, expected in ((None, ["A-0001"]), ((None, "Lugo"), ["A-0001", "A-0003"])):
        read = Read("crm.accounts", where={"city": city})
        window = crm.open_window(read, None)
        assert [row["account_no"] for row in read_all(crm, read, window)] == expected


def test_documents_come_with_their_lines_in_order(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    lines = [line(1, number) for number in range(12, 0, -1)]
    crm.write(ORDERS, [order(1, lines=lines), order(2, lines=[]), order(3)])
    window = crm.open_window(ORDER_READ, None)
    rows = {row["order_no"]: row for row in read_all(crm, ORDER_READ, window, size=2)}
    assert [[one["line_no"] for one in rows[k]["lines"]] for k in sorted(rows)] == [[*range(1, 13)], [], [1]]


def test_a_line_changed_by_anyone_brings_its_document_again(crm: Connector, database: Database) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1, lines=[line(1, 1), line(1, 2)]), order(2)])
    window = crm.open_window(ORDER_READ, None)
    database.sql("crm", "delete from order_lines where order_line_no = 'CO-2026-00001:2'")
    later = crm.open_window(ORDER_READ, window.until)
    (row,) = read_all(crm, ORDER_READ, later)
    assert (row["order_no"], len(row["lines"])) == ("CO-2026-00001", 1)


def test_lookups_take_more_values_than_one_query_does(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(1200)])
    wanted = [f"CA-{number:05}" for number in range(1100)]
    rows = crm.lookup("crm.campaigns", "campaign_no", [*wanted, wanted[0], None])
    assert [row["campaign_no"] for row in rows] == wanted


def test_what_is_not_declared_is_misconfigured(crm: Connector) -> None:
    window = crm.open_window(CAMPAIGN_READ, None)
    wrong = {
        "crm.nothing": Read("crm.nothing"),
        "erp.items": Read("erp.items"),
        "colour": Read("crm.campaigns", where={"colour": "red"}),
        "expected a date": Read("crm.campaigns", where={"starts_on": "tomorrow"}),
        "crm.lead_stages": Read("crm.orders", lines="crm.lead_stages"),
    }
    for named, read in wrong.items():
        with pytest.raises(Misconfigured, match=named):
            list(crm.pages(read, window, 10))
    with pytest.raises(Misconfigured, match="a page of 0 rows"):
        list(crm.pages(CAMPAIGN_READ, window, 0))


@pytest.mark.parametrize("position", ["", "{}", '{"at": 7}', '{"leads.csv": "00"}'])
def test_a_position_of_another_connector_is_refused(crm: Connector, position: str) -> None:
    with pytest.raises(Refused, match=r"crm\.campaigns: its stored position"):
        crm.open_window(CAMPAIGN_READ, position)


def test_searching_for_what_cannot_be_there_finds_nothing(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(1)])
    assert crm.lookup("crm.campaigns", "name", ["\0", "x" * 500, 7, "Fair 1"]) == crm.fetch(
        CAMPAIGN_READ, ["CA-00001", "\0", "\ud83d"]
    )
