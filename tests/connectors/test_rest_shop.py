"""Another HTTP system is a short declaration: a real, odd server read through one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import Misconfigured, Refused
from connectors.protocol import Connector, Read, Write
from connectors.rest import RestConnector
from connectors.rest_api import Api, Field
from connectors.rest_client import Patience
from tests.connectors import shop as shop_api
from tests.connectors.contract import ReadContract, read_all
from tests.connectors.shop import SHOP
from tests.connectors.weird import TOKEN, Shop, serving

ACCOUNTS = Read("crm.accounts")
QUICK = Patience(answer_s=30, all_s=30, pause_s=0.01)


@dataclass
class Customers:
    """The shop's customers as a stream."""

    connector: Connector
    shop: Shop
    stream: str = "crm.accounts"

    def put(self, rows: int) -> None:
        self.shop.put(rows)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with serving(shop):
        yield shop


def reader(shop: Shop, *, api: Api = SHOP, token: str = TOKEN, overlap_s: float = 0) -> RestConnector:
    return RestConnector("crm", shop.url, api=api, token=token, overlap_s=overlap_s, patience=QUICK)


@pytest.fixture
def crm(shop: Shop) -> Iterator[RestConnector]:
    connector = reader(shop)
    yield connector
    connector.close()


class TestContract(ReadContract):
    """The shop keeps what every connector must keep, though it is busy every few questions."""

    @pytest.fixture
    def subject(self, shop: Shop, crm: RestConnector) -> Customers:
        shop.moody = True
        return Customers(crm, shop)


def test_a_record_is_a_row_of_exact_values(shop: Shop, crm: RestConnector) -> None:
    shop.put(1)
    assert read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, None)) == [
        {
            "account_no": "1",
            "name": "Company 1",
            "country": "ES",
            "credit_limit": Decimal("1000.1"),
            "created_on": dt.date(2026, 1, 1),
            "updated_at": dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC),
        }
    ]


def test_more_rows_of_one_second_than_a_page_holds_come_once_each(shop: Shop, crm: RestConnector) -> None:
    for new in (3, 120, 1):
        shop.put(new)
    rows = read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, None), size=7)
    assert sorted(int(row["account_no"]) for row in rows) == list(range(1, 125))


def test_rows_a_second_apart_come_once_each_whichever_second_a_window_ends_with(
    shop: Shop, crm: RestConnector
) -> None:
    keys: list[str] = []
    since: str | None = None
    for _ in range(6):
        shop.put(1)
        shop.clock -= dt.timedelta(seconds=1)  # the next one is stamped a second later
        window = crm.open_window(ACCOUNTS, since)
        rows = read_all(crm, ACCOUNTS, window, size=2)
        assert window.count == len(rows) == 1
        keys += [row["account_no"] for row in rows]
        since = window.until
    assert keys == ["1", "2", "3", "4", "5", "6"]
    assert len(read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, None), size=2)) == 6


def test_a_larger_page_than_the_system_gives_is_never_asked_for(shop: Shop, crm: RestConnector) -> None:
    for new in (70, 120, 1):
        shop.put(new)
    window = crm.open_window(ACCOUNTS, None)
    shop.sizes.clear()
    pages = list(crm.pages(ACCOUNTS, window, 5000))
    keys = [int(row["account_no"]) for page in pages for row in page]
    assert sorted(keys) == list(range(1, 192))
    assert set(shop.sizes) == {50}
    assert [len(page) for page in pages] == [191]


def test_pages_that_shift_while_they_are_read_lose_no_row(shop: Shop, crm: RestConnector) -> None:
    for _ in range(30):
        shop.put(1)
    window = crm.open_window(ACCOUNTS, None)

    def move_the_first(shop: Shop) -> None:
        first = min(shop.customers.values(), key=lambda each: (each["changed"], each["id"]))
        shop.touch(first["id"])

    shop.between_pages = move_the_first
    rows = read_all(crm, ACCOUNTS, window, size=5)
    shop.between_pages = None
    least, most = crm.bounds(ACCOUNTS, window)
    assert least <= len(rows) <= most == 30
    later = read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, window.until))
    assert {row["account_no"] for row in [*rows, *later]} == {str(number) for number in range(1, 31)}


def test_a_row_of_the_second_that_is_not_over_waits_for_the_next_window(
    shop: Shop, crm: RestConnector
) -> None:
    shop.put(1)
    shop.clock -= dt.timedelta(seconds=2)
    window = crm.open_window(ACCOUNTS, None)
    assert (window.count, read_all(crm, ACCOUNTS, window)) == (0, [])
    shop.put(1)
    assert len(read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, window.until))) == 2


def test_what_was_committed_late_is_found_within_the_overlap(shop: Shop) -> None:
    shop.put(2)
    shop.clock += dt.timedelta(seconds=30)
    crm = reader(shop, overlap_s=60)
    first = crm.open_window(ACCOUNTS, None)
    shop.customers[3] = {**shop.customers[1], "id": 3}
    second = crm.open_window(ACCOUNTS, first.until)
    assert second.count == 3
    assert [row["account_no"] for row in read_all(crm, ACCOUNTS, second)] == ["1", "2", "3"]
    crm.close()


def test_an_order_that_is_not_asked_for_is_found_out(shop: Shop) -> None:
    for _ in range(30):
        shop.put(1)
    crm = reader(shop, api=replace(SHOP, cursor=replace(SHOP.cursor, sort={})))
    with pytest.raises(Refused, match="out of order; expected records by timestamp"):
        read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, None))
    crm.close()


def test_an_error_with_status_200_is_an_error(shop: Shop) -> None:
    crm = reader(shop, token="wrong-key-123")
    with pytest.raises(Refused, match="is not known") as caught:
        crm.open_window(ACCOUNTS, None)
    assert "wrong-key-123" not in str(caught.value)
    assert len(shop.asked) == 1
    crm.close()


def test_rows_are_chosen_here_when_the_system_cannot(shop: Shop, crm: RestConnector) -> None:
    shop.put(4)
    shop.customers[2]["company"] = {"title": "Other", "country": "PT"}
    shop.customers[3]["company"] = {"title": "None", "country": None}
    read = Read("crm.accounts", where={"country": ("PT", None)})
    window = crm.open_window(read, None)
    assert window.count == 2
    assert [row["account_no"] for row in read_all(crm, read, window)] == ["2", "3"]


def test_a_column_nobody_declared_is_told_and_a_missing_one_stops(shop: Shop, crm: RestConnector) -> None:
    assert crm.drift("crm.accounts") == ()
    shop.put(1)
    (note,) = crm.drift("crm.accounts")
    assert "colour that nobody declared" in note
    shop.customers[1]["credit"] = shop.customers[1].pop("limit")
    shop.customers[1]["since"] = 20260101
    with pytest.raises(Refused, match=r"created_on \(since\) is 20260101.*credit_limit is not there"):
        crm.drift("crm.accounts")


def test_a_value_that_is_none_of_its_type_is_told_with_its_row(shop: Shop, crm: RestConnector) -> None:
    shop.put(2)
    shop.customers[2]["limit"] = "n/a"
    good, bad = read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, None))
    assert "_problem" not in good
    assert (bad["credit_limit"], bad["_problem"]) == (
        None,
        "column credit_limit is 'n/a', expected a decimal",
    )


def test_a_system_that_is_only_read_is_not_written_to(crm: RestConnector) -> None:
    with pytest.raises(Misconfigured, match="only read"):
        crm.write(Write("crm.accounts", "account_no"), [{"account_no": "1"}])


def test_a_stream_that_is_not_declared_is_named(crm: RestConnector) -> None:
    with pytest.raises(Misconfigured, match=r"'crm\.orders' was asked of crm"):
        crm.key_column("crm.orders")


def test_a_system_without_a_total_is_counted(shop: Shop) -> None:
    shop.put(60)
    crm = reader(shop, api=replace(SHOP, envelope=replace(SHOP.envelope, total="")))
    assert crm.open_window(ACCOUNTS, None).count == 60
    crm.close()


def test_a_field_without_a_stamp_stops_the_read(shop: Shop) -> None:
    shop.put(1)
    columns = {**SHOP.resources["crm.accounts"].columns, "updated_at": Field("changed_on", "instant")}
    resource = replace(SHOP.resources["crm.accounts"], columns=columns)
    crm = reader(shop, api=replace(SHOP, resources={"crm.accounts": resource}))
    with pytest.raises(Refused, match="expected an instant and a key"):
        read_all(crm, ACCOUNTS, crm.open_window(ACCOUNTS, None))
    crm.close()


def test_the_documented_example_is_the_one_that_runs_here(shop: Shop) -> None:
    page = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")
    example = page.partition("### Another HTTP system")[2].partition("```python\n")[2].partition("```")[0]
    assert example == Path(shop_api.__file__ or "").read_text(encoding="utf-8")
    shop.put(2)
    crm = shop_api.connect(shop.url, TOKEN)
    window = crm.open_window(ACCOUNTS, None)
    assert [row["name"] for row in read_all(crm, ACCOUNTS, window)] == ["Company 1", "Company 2"]
    crm.close()
