"""The hub's own door: each record its outcome, in order, and a late worker refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stores.api.conftest import Api, Make
from tests.stores.api.test_pages import LINE, ORDER, accounts


def test_each_record_has_its_outcome_in_the_order_given(any_crm: Api) -> None:
    good = accounts(4)
    records = [
        good[0],
        {**good[1], "created_on": "never"},
        good[2],
        {**good[3], "status": "friend"},
        {"name": "x"},
    ]
    outcomes = any_crm.batch("accounts", records)
    assert [one["effect"] for one in outcomes] == ["inserted", "refused", "inserted", "refused", "refused"]
    assert [one["key"] for one in outcomes] == ["A-0000", "A-0001", "A-0002", "A-0003", ""]
    assert outcomes[1]["error"]["rule"] == "value:created_on"
    assert outcomes[3]["error"]["kind"] == "rejected"
    assert outcomes[3]["error"]["rule"] == "ck_accounts_status_is_known"
    assert outcomes[4]["error"]["rule"] == "missing:account_no"
    again = any_crm.batch("accounts", [good[0], good[2]])
    assert [one["effect"] for one in again] == ["unchanged", "unchanged"]


def test_a_record_that_points_to_nothing_waits(any_crm: Api) -> None:
    (outcome,) = any_crm.batch("orders", [ORDER])
    assert outcome["error"]["kind"] == "missing"
    assert outcome["error"]["rule"] == "foreign_key:orders.account_no"
    any_crm.batch("accounts", accounts(2))
    assert any_crm.batch("orders", [ORDER])[0]["effect"] == "inserted"


def test_a_document_moves_whole(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(2))
    lines = [{**LINE, "order_line_no": f"CO-1:{n}", "line_no": n} for n in (1, 2)]
    any_crm.batch("orders", [{**ORDER, "lines": lines}], lines=True)
    (outcome,) = any_crm.batch("orders", [{**ORDER, "lines": [{**lines[0], "quantity": "7"}]}], lines=True)
    assert outcome["effect"] == "updated"
    (found,) = any_crm.get("/orders?lines=true")["rows"]
    assert [(line["order_line_no"], line["quantity"]) for line in found["lines"]] == [("CO-1:1", "7.0000")]
    bad = {**ORDER, "lines": [{**lines[0], "quantity": 1.5}]}
    (outcome,) = any_crm.batch("orders", [bad], lines=True)
    assert outcome["error"]["rule"] == "value:quantity"


def test_only_owned_columns_are_written_and_set_once_columns_stay(crm: Api) -> None:
    crm.batch("accounts", accounts(1))
    record = {"account_no": "A-0000", "name": "Other", "credit_status": "hold"}
    (outcome,) = crm.batch("accounts", [record], owns=["credit_status"])
    assert outcome["effect"] == "updated"
    assert crm.get("/accounts/A-0000")["name"] == "Acme"
    (outcome,) = crm.batch("accounts", [{**accounts(1)[0], "name": "Third"}], create=["name"])
    assert outcome["effect"] == "unchanged"


def test_a_record_marked_deleted_goes_and_leaves_its_tombstone(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(2))
    gone = {"account_no": "A-0001", "_deleted": True}
    assert any_crm.batch("accounts", [gone])[0]["effect"] == "deleted"
    assert any_crm.batch("accounts", [gone])[0]["effect"] == "unchanged"
    rows = any_crm.get("/accounts?deletes=true")["rows"]
    assert [(row["account_no"], row.get("deleted")) for row in rows] == [("A-0000", None), ("A-0001", True)]


def test_a_dry_batch_says_what_would_change_and_does_nothing(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(1))
    changed = {**accounts(1)[0], "city": "Bonn", "credit_limit": "5"}
    (outcome,) = any_crm.batch("accounts", [changed], dry=True)
    assert outcome["effect"] == "updated"
    assert outcome["changes"] == {"city": [None, "Bonn"], "credit_limit": [None, "5.0000"]}
    assert any_crm.get("/accounts/A-0000")["city"] is None


def test_a_worker_that_was_overtaken_writes_nothing(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(1), headers={"Triada-Fence": "customers=7"})
    late: dict[str, Any] = {"json": {"records": accounts(2)}, "headers": {"Triada-Fence": "customers=6"}}
    answer = any_crm.ask("POST", "/accounts/batch", **late)
    assert answer.status_code == 409
    assert answer.json()["type"] == "lease-lost"
    assert len(any_crm.get("/accounts")["rows"]) == 1
    any_crm.batch("accounts", accounts(2), headers={"Triada-Fence": "leads=1"})
    assert len(any_crm.get("/accounts")["rows"]) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"records": {}}, "records"), ({"lines": "yes"}, "lines"), ({"key": "nope"}, "key, create, owns"),
        ({"owns": ["updated"]}, "key, create, owns"), ({"records": [{}] * 1001}, "records"), ({"x": 1}, "x"),
        ({"lines": True}, "lines"),
    ],
)  # fmt: skip
def test_a_batch_that_is_wrong_as_a_whole_is_refused_whole(crm: Api, body: object, field: str) -> None:
    assert field in crm.rules("POST", "/accounts/batch", json=body, status=422)


@pytest.mark.parametrize("header", ["7", "=7", "orders=", "orders=x", "orders=-1", "orders=7.5"])
def test_a_fence_that_is_none_is_refused(crm: Api, header: str) -> None:
    rules = crm.rules(
        "POST", "/accounts/batch", json={"records": []}, headers={"Triada-Fence": header}, status=422
    )
    assert rules == {"Triada-Fence": "fence"}


def test_only_the_hub_may_send_batches(crm: Api) -> None:
    crm.rules("POST", "/accounts/batch", scopes="crm:read crm:write", json={"records": []}, status=403)


def test_what_the_hub_brings_as_requested_is_decided_when_the_answer_comes(make_api: Make) -> None:
    erp = make_api("erp")
    customer = {"customer_no": "C-1", "crm_account_no": "A-1", "name": "Acme", "currency": "EUR",
                "kind": "prospect", "credit_status": "hold", "credit_limit": "0",
                "payment_terms_days": 30}  # fmt: skip
    order = {"sales_order_no": "SO-1", "crm_order_no": "CO-1", "customer_no": "C-1", "status": "requested",
             "payment_status": "unpaid", "ordered_at": "2026-11-20T09:30:00Z", "currency": "EUR",
             "total_amount": "10", "paid_amount": "0", "channel": "system"}  # fmt: skip
    erp.batch("customers", [customer])
    erp.batch("sales_orders", [order], key="crm_order_no")
    found = erp.get("/sales_orders/SO-1")
    assert found["status"] == "refused"
    assert "credit hold" in found["refusal_reason"]
