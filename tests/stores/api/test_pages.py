"""Pages of a stream over HTTP: each row once, in one order, under a bound that the first page fixes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from models import crm as tables
from tests.stores.api.conftest import ACCOUNT, Api

ORDER = {
    "order_no": "CO-1",
    "account_no": "A-0001",
    "status": "draft",
    "currency": "EUR",
    "ordered_at": "2026-11-20T10:30:00+01:00",
    "total_amount": "10",
    "approval_status": "none",
}
LINE = {"item_no": "IT", "quantity": "1", "unit_price": "1", "discount_rate": "0", "line_amount": "1"}
STAMP = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def accounts(count: int) -> list[dict[str, Any]]:
    return [
        {**ACCOUNT, "account_no": f"A-{n:04}", "status": "active", "created_on": "2026-01-01"}
        for n in range(count)
    ]


def load(api: Api, count: int) -> None:
    """Rows of one stamp, as a bulk load brings them."""
    rows = [{**row, "created_on": STAMP.date(), "updated_at": STAMP} for row in accounts(count)]
    with api.store.engine.begin() as connection:
        connection.execute(tables.accounts.insert(), rows)


def walk(api: Api, query: str, limit: int) -> tuple[list[dict[str, Any]], list[int]]:
    """All rows by following the tokens, and how many each page had."""
    rows: list[dict[str, Any]] = []
    sizes, token = [], ""
    while True:
        page = api.get(f"/accounts?limit={limit}&{query}{token}")
        rows += page["rows"]
        sizes.append(len(page["rows"]))
        if page["next_page_token"] is None:
            return rows, sizes
        token = f"&page_token={page['next_page_token']}"


@pytest.mark.parametrize("limit", [1, 3, 10, 1000])
def test_rows_of_one_stamp_come_once_each_whatever_the_page_size(any_crm: Api, limit: int) -> None:
    load(any_crm, 10)
    rows, sizes = walk(any_crm, "", limit)
    assert [row["account_no"] for row in rows] == [f"A-{n:04}" for n in range(10)]
    assert sum(sizes) == 10
    assert max(sizes) <= limit


def test_a_page_that_is_exactly_full_is_the_last(crm: Api) -> None:
    crm.batch("accounts", accounts(6))
    assert walk(crm, "", 3)[1] == [3, 3]
    assert walk(crm, "", 4)[1] == [4, 2]


def test_an_empty_stream_has_no_bound_and_no_rows(crm: Api) -> None:
    assert crm.get("/accounts") == {"rows": [], "until": None, "total": 0, "next_page_token": None}


def test_what_changes_after_the_first_page_is_in_the_next_window(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(4))
    first = any_crm.get("/accounts?limit=2")
    any_crm.batch("accounts", [*accounts(4)[3:], {**accounts(5)[4]}])
    any_crm.ask("PUT", "/accounts/A-0003", json={"city": "Bonn"})
    second = any_crm.get(f"/accounts?limit=2&page_token={first['next_page_token']}")
    assert (first["total"], second["total"], second["until"]) == (4, 4, first["until"])
    assert [row["account_no"] for row in second["rows"]] == ["A-0002"]
    later = any_crm.get(f"/accounts?changed_since={first['until']}")
    assert sorted(row["account_no"] for row in later["rows"]) == ["A-0003", "A-0004"]


def test_a_limit_of_nothing_gives_the_bound_and_the_total_alone(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(3))
    page = any_crm.get("/accounts?limit=0")
    assert page["rows"] == []
    assert page["total"] == 3
    assert any_crm.get(f"/accounts?limit=0&changed_since={page['until']}")["total"] == 0
    assert any_crm.get(f"/accounts?limit=0&until={page['until']}")["total"] == 3


def test_deleted_keys_come_after_the_rows_and_are_counted(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(5))
    for key in ("A-0001", "A-0003", "A-0004"):
        assert any_crm.ask("DELETE", f"/accounts/{key}").status_code == 204
    any_crm.batch("accounts", accounts(4)[3:])  # it came back: no delete any more
    for limit in (1, 2, 3, 100):
        rows, _ = walk(any_crm, "deletes=true", limit)
        assert [row["account_no"] for row in rows] == ["A-0000", "A-0002", "A-0003", "A-0001", "A-0004"]
        assert [row.get("deleted", False) for row in rows] == [False, False, False, True, True]
    page = any_crm.get("/accounts?deletes=true&limit=2")
    assert page["total"] == 5
    assert any_crm.get("/accounts")["total"] == 3


def test_rows_are_chosen_by_columns_one_of_several_and_empty_ones(any_crm: Api) -> None:
    rows = accounts(4)
    rows[1] |= {"city": "Bonn", "employees": 7}
    rows[2] |= {"city": "Köln", "credit_limit": "12.50"}
    any_crm.batch("accounts", rows)

    def chosen(query: str) -> list[str]:
        return sorted(row["account_no"] for row in any_crm.get(f"/accounts?{query}")["rows"])

    assert chosen("city=Bonn&city=Köln") == ["A-0001", "A-0002"]
    assert chosen("city=Bonn&city.null=true") == ["A-0000", "A-0001", "A-0003"]
    assert chosen("employees=7") == ["A-0001"]
    assert chosen("credit_limit=12.5") == ["A-0002"]
    assert chosen("created_on=2026-01-01&city=Bonn") == ["A-0001"]


def test_records_come_by_key_and_by_column_with_their_lines(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(3))
    order = ORDER | {"lines": [{**LINE, "order_line_no": f"CO-1:{n}", "line_no": n} for n in (10, 2, 1)]}
    (done,) = any_crm.batch("orders", [order], lines=True)
    assert done["effect"] == "inserted", done
    for query in ("key=CO-1&key=nothing&lines=true", "in=account_no&value=A-0001&lines=true", "lines=true"):
        (found,) = any_crm.get(f"/orders?{query}")["rows"]
        assert found["ordered_at"] == "2026-11-20T09:30:00.000000Z"
        assert found["total_amount"] == "10.0000"
        assert [line["order_line_no"] for line in found["lines"]] == ["CO-1:1", "CO-1:2", "CO-1:10"]
    assert "lines" not in any_crm.get("/orders")["rows"][0]
    page = any_crm.get("/accounts?in=name&value=Acme&limit=2")
    rest = any_crm.get(f"/accounts?in=name&value=Acme&limit=2&page_token={page['next_page_token']}")
    assert [row["account_no"] for row in page["rows"] + rest["rows"]] == ["A-0000", "A-0001", "A-0002"]
    assert rest["next_page_token"] is None
    assert any_crm.get("/accounts?in=name")["total"] == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"),
        ("changed_since=yesterday", "changed_since"), ("changed_since=2026-11-20T09:30:00", "changed_since"),
        ("until=0001-01-01T00:00:00%2B14:00", "until"), ("page_token=x", "page_token"), ("cty=Bonn", "cty"),
        ("employees=many", "employees"), ("city.null=no", "city.null"), ("lines=1", "lines"),
        ("in=nope", "in"),
        ("page_token=WyIiXQ", "page_token"), ("&".join(f"key={n}" for n in range(201)), "key"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_wrong_is_named(crm: Api, query: str, field: str) -> None:
    assert field in crm.rules("GET", f"/accounts?{query}", status=422)


def test_a_token_of_another_query_is_refused(crm: Api) -> None:
    crm.batch("accounts", accounts(3))
    token = crm.get("/accounts?limit=1&name=Acme")["next_page_token"]
    assert crm.rules("GET", f"/accounts?limit=1&page_token={token}", status=422) == {
        "page_token": "page_token"
    }
    assert len(crm.get(f"/accounts?limit=2&name=Acme&page_token={token}")["rows"]) == 2


def test_a_value_that_cannot_be_read_is_told_and_stops_nothing(crm: Api) -> None:
    crm.batch("accounts", accounts(3))
    crm.sql("update accounts set credit_limit = 'much' where account_no = 'A-0001'")
    rows = {row["account_no"]: row for row in walk(crm, "", 1)[0]}
    assert len(rows) == 3
    assert rows["A-0001"]["credit_limit"] is None
    assert "credit_limit is 'much', expected a decimal" in rows["A-0001"]["_problem"]


def test_rows_without_a_readable_stamp_come_all_the_same(crm: Api) -> None:
    for number in (1, 2, 3):
        crm.sql(
            "insert into accounts (account_no, name, owner_no, currency, status, created_on, updated_at) "
            f"values ('A-{number}', 'Acme', 'E-7', 'EUR', 'active', '2026-01-01', '19xx')"
        )
    for limit in (1, 2, 100):
        rows, _ = walk(crm, "", limit)
        assert [row["account_no"] for row in rows] == ["A-1", "A-2", "A-3"]
    assert rows[0]["updated_at"] is None
    assert "updated_at is '19xx', expected an instant" in rows[0]["_problem"]


def test_the_streams_are_described_with_their_types_and_owners(crm: Api) -> None:
    described = crm.get("/", scopes="crm:write")
    assert described["system"] == "crm"
    assert described["streams"]["orders"]["key"] == "order_no"
    assert described["streams"]["orders"]["lines"] == "order_lines"
    columns = described["streams"]["accounts"]["columns"]
    assert columns["credit_limit"] == {"type": "exact", "nullable": True, "owner": "erp"}
    assert columns["created_on"]["type"] == "date"
    assert "api_tokens" not in described["streams"]
