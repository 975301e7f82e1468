"""A store behind its API is read and written as its database is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from connectors.errors import LeaseLost, MissingDependency, Refused
from connectors.protocol import DELETED, Connector, Fence, Read
from connectors.registry import connect
from connectors.rest import RestConnector
from connectors.rest_client import Patience
from models import crm as tables
from tests.connectors.conftest import Stores, _copy
from tests.connectors.contract import ReadContract, read_all
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, effects, line, order
from tests.connectors.stores_api import Served, serving

CAMPAIGNS_READ = Read("crm.campaigns")
WITH_LINES = Read("crm.orders", lines="crm.order_lines")
QUICK = Patience(answer_s=30, all_s=30, pause_s=0.01)


@dataclass
class Campaigns:
    """The CRM's campaigns behind the API; new ones are put into its database."""

    connector: Connector
    engine: sa.Engine
    stream: str = "crm.campaigns"
    last: int = 0

    def put(self, rows: int) -> None:
        new = [campaign(number) for number in range(self.last + 1, self.last + rows + 1)]
        self.last += rows
        with self.engine.begin() as connection:
            connection.execute(tables.campaigns.insert(), new)


@pytest.fixture
def database(stores: Stores, tmp_path: Path) -> str:
    """A CRM in SQLite."""
    return f"sqlite:///{_copy(stores('sqlite')['crm'], tmp_path)}"


@pytest.fixture
def served(database: str) -> Iterator[Served]:
    with serving("crm", database) as served:
        yield served


@pytest.fixture
def engine(database: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def crm(served: Served) -> Iterator[RestConnector]:
    connector = RestConnector("crm", served.url, token=served.token, overlap_s=0, patience=QUICK)
    yield connector
    connector.close()


class TestContract(ReadContract):
    """The API keeps what every connector must keep."""

    @pytest.fixture
    def subject(self, crm: RestConnector, engine: sa.Engine) -> Campaigns:
        return Campaigns(crm, engine)


def test_an_address_says_which_connector(served: Served) -> None:
    connector = connect("crm", served.url, token=served.token)
    assert isinstance(connector, RestConnector)
    assert connector.key_column("crm.orders") == "order_no"
    connector.close()


def test_rows_with_one_stamp_come_once_each(crm: RestConnector, engine: sa.Engine) -> None:
    Campaigns(crm, engine).put(25)
    with engine.begin() as connection:
        connection.execute(sa.text("drop trigger campaigns_touch"))
        connection.execute(sa.text("update campaigns set updated_at = '2026-01-01 00:00:00.000000'"))
    for size in (1, 7, 25):
        rows = read_all(crm, CAMPAIGNS_READ, crm.open_window(CAMPAIGNS_READ, None), size=size)
        assert len({row["updated_at"] for row in rows}) == 1
        assert [row["campaign_no"] for row in rows] == [f"CA-{number:05}" for number in range(1, 26)]


def test_documents_come_with_their_lines_and_go_back_unchanged(crm: RestConnector) -> None:
    documents = [
        order(
            1,
            lines=[line(1, number) for number in range(1, 12)],
            ordered_at=dt.datetime.max.replace(tzinfo=dt.UTC),
        ),
        order(2, total_amount=Decimal("-99999999999999.9999")),
        order(3, lines=[], refusal_reason="«no» \U0001f600 'quoted' \\ \n % null"),
    ]
    assert effects(crm.write(ACCOUNTS, [account(1)])) == ["inserted"]
    assert effects(crm.write(ORDERS, documents)) == ["inserted"] * 3
    rows = read_all(crm, WITH_LINES, crm.open_window(WITH_LINES, None), size=2)
    rows.sort(key=lambda row: str(row["order_no"]))  # a line written restamps its header: they come by stamp
    for row, document in zip(rows, documents, strict=True):
        assert {name: row[name] for name in document if name != "lines"} == {
            name: value for name, value in document.items() if name != "lines"
        }
        assert [each["order_line_no"] for each in row["lines"]] == [
            each["order_line_no"] for each in document["lines"]
        ]
    assert effects(crm.write(ORDERS, documents)) == ["unchanged"] * 3


def test_a_change_is_told_with_what_was_there(crm: RestConnector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1)])
    changed = order(
        1,
        total_amount=Decimal("22.00"),
        promised_on=dt.date(2026, 5, 1),
        lines=[line(1, 1, quantity=Decimal(3))],
    )
    (dry,) = crm.compare(ORDERS, [changed])
    (done,) = crm.write(ORDERS, [changed])
    assert dry == done
    assert done.effect == "updated"
    assert done.changes["total_amount"] == (Decimal("21.00"), Decimal("22.00"))
    assert done.changes["promised_on"] == (None, dt.date(2026, 5, 1))
    assert done.changes["lines.CO-2026-00001:1.quantity"] == (Decimal(2), Decimal(3))


def test_bad_rows_are_told_apart_and_the_rest_arrive(crm: RestConnector) -> None:
    rows = [
        campaign(1),
        campaign(2, budget_amount=1.5),
        campaign(3, channel="x" * 33),
        campaign(4, budget_amount=7),
        campaign(5, colour="blue"),
    ]
    assert effects(crm.write(CAMPAIGNS, rows)) == [
        "inserted", "value:budget_amount", "value:channel", "inserted", "unknown_column:colour",
    ]  # fmt: skip
    (outcome,) = crm.write(ORDERS, [order(1)])
    assert isinstance(outcome.error, MissingDependency)
    assert outcome.error.rule == "foreign_key:orders.account_no"


def test_a_delete_travels_and_its_record_can_come_again(crm: RestConnector) -> None:
    deletes = Read("crm.campaigns", deletes=True)
    crm.write(CAMPAIGNS, [campaign(number) for number in range(1, 5)])
    first = crm.open_window(deletes, None)
    gone = [{"campaign_no": f"CA-{number:05}", DELETED: True} for number in (2, 3, 9)]
    assert effects(crm.write(CAMPAIGNS, gone)) == ["deleted", "deleted", "unchanged"]
    crm.write(CAMPAIGNS, [campaign(3)])
    second = crm.open_window(deletes, first.until)
    rows = read_all(crm, deletes, second, size=1)
    assert [(row["campaign_no"], row.get(DELETED, False)) for row in rows] == [
        ("CA-00003", False),
        ("CA-00002", True),
    ]
    assert second.count == len(rows)
    assert crm.bounds(deletes, second) == (2, 2)


def test_a_fence_that_is_no_longer_the_newest_writes_nothing(crm: RestConnector) -> None:
    assert effects(crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 7))) == ["inserted"]
    with pytest.raises(LeaseLost, match="Another worker took over"):
        crm.write(CAMPAIGNS, [campaign(2)], fence=Fence("orders", 6))
    assert crm.fetch(CAMPAIGNS_READ, ["CA-00002"]) == []
    assert effects(crm.write(CAMPAIGNS, [campaign(2)], fence=Fence("orders", 7))) == ["inserted"]


def test_what_is_committed_late_is_read_within_the_overlap(
    served: Served, crm: RestConnector, engine: sa.Engine
) -> None:
    Campaigns(crm, engine).put(3)
    overlapping = RestConnector("crm", served.url, token=served.token, overlap_s=60, patience=QUICK)
    window = overlapping.open_window(CAMPAIGNS_READ, None)
    with engine.begin() as connection:
        connection.execute(sa.text("drop trigger campaigns_touch"))
        late = connection.execute(sa.text("select min(updated_at) from campaigns")).scalar_one()
        connection.execute(tables.campaigns.insert(), [campaign(4)])
        connection.execute(
            sa.text("update campaigns set updated_at = :late where campaign_no = 'CA-00004'"), {"late": late}
        )
    rows = read_all(overlapping, CAMPAIGNS_READ, window)
    least, most = overlapping.bounds(CAMPAIGNS_READ, window)
    assert least <= len(rows) <= most
    again = overlapping.open_window(CAMPAIGNS_READ, window.until)
    assert again.count == 4
    keys = {row["campaign_no"] for row in read_all(overlapping, CAMPAIGNS_READ, again)}
    assert keys == {f"CA-{number:05}" for number in range(1, 5)}
    overlapping.close()


def test_where_is_asked_of_the_store(crm: RestConnector) -> None:
    crm.write(
        ACCOUNTS,
        [
            account(1),
            account(2, country="ES"),
            account(3, country="PT", employees=7),
            account(4, country="FR"),
        ],
    )
    for where, expected in (
        ({"country": ("ES", None)}, ["A-0001", "A-0002"]),
        ({"country": ("PT", "FR"), "status": "active"}, ["A-0003", "A-0004"]),
        ({"employees": 7}, ["A-0003"]),
        ({"country": ()}, []),
    ):  # fmt: skip
        read = Read("crm.accounts", where=where)
        window = crm.open_window(read, None)
        assert window.count == len(expected)
        assert sorted(row["account_no"] for row in read_all(crm, read, window)) == expected


def test_many_keys_and_values_are_found(crm: RestConnector) -> None:
    crm.write(CAMPAIGNS, [campaign(number, name=f"Fair & co {number % 600} ñ") for number in range(1, 1201)])
    keys = [f"CA-{number:05}" for number in range(1, 1301)] + ["bad\0key", "half \ud800", "x" * 500]
    assert len(crm.fetch(CAMPAIGNS_READ, keys)) == 1200
    assert (
        len(crm.lookup("crm.campaigns", "name", [f"Fair & co {number} ñ" for number in range(600)])) == 1200
    )
    assert len(crm.lookup("crm.campaigns", "budget_amount", [Decimal(100), None, "n/a"])) == 1200
    assert len(crm.lookup("crm.campaigns", "campaign_no", None)) == 1200


def test_large_pages_and_writes_are_asked_for_a_thousand_rows_at_a_time(
    served: Served, crm: RestConnector
) -> None:
    """The store refuses more at once (422), and with it the whole question."""
    rows = [campaign(number) for number in range(1, 2302)]
    rows[1500] = campaign(1501, budget_amount="n/a")
    outcomes = crm.write(CAMPAIGNS, rows)
    assert served.asked == ["POST /campaigns/batch"] * 3
    assert [number for number, each in enumerate(outcomes) if each.effect != "inserted"] == [1500]
    assert [each.key for each in outcomes] == [row["campaign_no"] for row in rows]
    window = crm.open_window(CAMPAIGNS_READ, None)
    served.asked.clear()
    pages = list(crm.pages(CAMPAIGNS_READ, window, 5000))
    assert served.asked == ["GET /campaigns"] * 3
    assert [len(page) for page in pages] == [2300]
    assert len({row["campaign_no"] for page in pages for row in page}) == window.count == 2300


def described(served: Served, **columns: str | None) -> Response:
    """What ``GET /`` says of campaigns, with these columns' types; ``None``: not there."""
    store = httpx.get(served.url, headers={"Authorization": f"Bearer {served.token}"}).json()
    there = store["streams"]["campaigns"]["columns"]
    for name, kind in columns.items():
        there.pop(name, None)
        if kind:
            there[name] = {"type": kind, "nullable": True, "owner": ""}
    return JSONResponse(store)


def test_the_shape_of_a_store_is_compared(served: Served, crm: RestConnector) -> None:
    assert crm.drift("crm.orders") == ()
    assert crm.drift("crm.order_lines") == ()
    assert served.asked == ["GET /"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"channel": None}, "channel is not there"),
        ({"channel": None, "channels": "text"}, "channel is not there \\(was it renamed to channels\\?\\)"),
        ({"budget_amount": "text"}, "budget_amount is text there, declared exact"),
    ],
)
def test_a_store_without_a_declared_column_stops(
    served: Served, crm: RestConnector, columns: dict[str, str | None], words: str
) -> None:
    served.faults += [described(served, **columns)]
    with pytest.raises(Refused, match=f"crm.campaigns at crm .* is not as declared: {words}"):
        crm.drift("crm.campaigns")


def test_a_column_that_a_store_has_more_is_told_and_not_read(served: Served, crm: RestConnector) -> None:
    served.faults += [described(served, colour="text")]
    (note,) = crm.drift("crm.campaigns")
    assert note.endswith("has a column colour that nobody declared; it is not read")


def test_a_position_of_another_connector_is_refused(crm: RestConnector) -> None:
    with pytest.raises(Refused, match="Was the system behind it replaced"):
        crm.open_window(CAMPAIGNS_READ, '{"files": {}}')


def test_digests_and_keys_are_the_stores_own(crm: RestConnector, database: str) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(1, 6)])
    beside = connect("crm", database)
    assert crm.digest("crm.campaigns") == beside.digest("crm.campaigns")
    assert crm.keys("crm.campaigns", "CA-00") == beside.keys("crm.campaigns", "CA-00")
    beside.close()
