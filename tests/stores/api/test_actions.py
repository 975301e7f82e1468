"""The stores' decisions behind their paths: done by the store's own rule, refused by it with its name."""

from __future__ import annotations

from typing import Any

from tests.stores.api.conftest import ACCOUNT, Api, Make

DEPARTMENT = {"name": "All", "country": "ES"}
PERSON = {
    "role": "staff",
    "department_no": "D-1",
    "country": "ES",
    "timezone": "Europe/Madrid",
    "hired_on": "2020-01-01",
}
POLICY = {"kind": "trip", "level": 1, "min_amount": "0", "currency": "EUR", "approver_rule": "manager",
          "step_name": "supervisor", "target_hours": "8"}  # fmt: skip
TRIP = {"employee_no": "E-1", "subject": "Ken", "destination": "Bonn", "starts_on": "2026-12-01",
        "ends_on": "2026-12-02", "amount": "400", "currency": "EUR"}  # fmt: skip
PRODUCT = {
    "name": "Pump",
    "unit_price": "10",
    "currency": "EUR",
    "available_quantity": "5",
    "is_active": True,
}


def put(api: Api, path: str, body: dict[str, Any]) -> None:
    answer = api.ask("PUT", path, json=body)
    assert answer.status_code in (200, 201), answer.text


def office(make_api: Make) -> Api:
    """Ben is Joe's manager, Eva nobody's."""
    oa = make_api("oa")
    put(oa, "/departments/D-1", DEPARTMENT)
    for no, manager in (("E-2", None), ("E-1", "E-2"), ("E-3", None)):
        put(oa, f"/employees/{no}", {**PERSON, "name": no, "manager_no": manager})
    put(oa, "/approval_policies/trip:1", POLICY)
    return oa


def test_a_trip_is_filed_approved_and_cancelled(make_api: Make) -> None:
    oa = office(make_api)
    filed = oa.ask("POST", "/approval_requests/file_trip", json=TRIP, scopes="oa:read oa:write")
    assert filed.status_code == 201
    assert filed.json()["status"] == "pending"
    assert filed.headers["location"] == f"/approval_requests/{filed.json()['request_no']}"
    path = f"/approval_requests/{filed.json()['request_no']}"
    oa.rules("POST", f"{path}/approve", json={"by_no": "E-2"}, scopes="oa:read oa:write", status=403)
    approved = oa.ask(
        "POST", f"{path}/approve", json={"by_no": "E-2", "comment": "good"}, scopes="oa:read oa:approve"
    )
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert approved.json()["lines"][0]["comment_text"] == "good"
    cancelled = oa.ask("POST", f"{path}/cancel", json={"by_no": "E-1"}, scopes="oa:read oa:write")
    assert cancelled.json()["status"] == "cancelled"


def test_a_refusal_says_which_rule_and_whose_fault(make_api: Make) -> None:
    oa = office(make_api)
    number = oa.ask("POST", "/approval_requests/file_trip", json=TRIP).json()["request_no"]
    path = f"/approval_requests/{number}"

    def refused(what: str, body: dict[str, Any], status: int) -> str:
        (rule,) = oa.rules("POST", f"{path}/{what}", json=body, status=status).values()
        return rule

    assert refused("approve", {"by_no": "E-1"}, 403) == "never_ones_own"
    assert refused("approve", {"by_no": "E-3"}, 403) == "approver_or_substitute"
    assert refused("cancel", {"by_no": "E-2"}, 403) == "own"
    assert refused("approve", {}, 422) == "missing:by_no"
    assert refused("approve", {"by_no": 5}, 422) == "value:by_no"
    assert refused("approve", {"by_no": "E-2", "at": "now"}, 422) == "unknown_field"
    assert oa.ask("POST", f"{path}/refuse", json={"by_no": "E-2"}).json()["status"] == "refused"
    assert refused("approve", {"by_no": "E-2"}, 409) == "pending_only"
    assert oa.ask("POST", "/approval_requests/AR-0/approve", json={"by_no": "E-2"}).status_code == 404
    wrong = {**TRIP, "amount": "-1"}
    assert oa.rules("POST", "/approval_requests/file_trip", json=wrong, status=422) == {
        "": "amount_is_positive"
    }


def test_trips_filed_at_once_have_numbers_of_their_own(make_api: Make) -> None:
    oa = office(make_api)
    answers = oa.ask_all([("POST", "/approval_requests/file_trip", {"json": TRIP})] * 6)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["request_no"] for answer in answers}) == 6


def test_an_order_is_drafted_at_the_catalogues_price_confirmed_and_cancelled(crm: Api) -> None:
    put(crm, "/accounts/A-1", ACCOUNT)
    put(crm, "/products/IT-1", PRODUCT)
    clerk = "crm:read crm:write"
    body = {
        "account_no": "A-1",
        "owner_no": "E-7",
        "lines": [{"item_no": "IT-1", "quantity": "3", "discount_rate": "0.25"}],
    }
    drafted = crm.ask("POST", "/orders/draft", json=body, scopes=clerk)
    assert drafted.status_code == 201, drafted.text
    assert drafted.json()["total_amount"] == "22.5000"
    path = f"/orders/{drafted.json()['order_no']}"
    confirmed = crm.ask("POST", f"{path}/confirm", scopes=clerk).json()
    assert (confirmed["status"], confirmed["approval_status"]) == ("confirmed", "wanted")
    assert crm.rules("POST", f"{path}/confirm", status=409) == {"": "confirmed_once"}
    assert crm.ask("POST", f"{path}/cancel", scopes=clerk).json()["status"] == "cancelled"
    wrong = {**body, "lines": [{"item_no": "IT-1", "quantity": 3.5}, {"quantity": "1"}]}
    assert crm.rules("POST", "/orders/draft", json=wrong, status=422) == {
        "lines[0].quantity": "value:quantity",
        "lines[1].item_no": "missing:item_no",
    }


def test_a_lead_moves_forward_and_never_back(crm: Api) -> None:
    number = crm.ask("POST", "/leads", json={"company_name": "Acme"}).json()["lead_no"]
    moved = crm.ask("POST", f"/leads/{number}/move", json={"stage": "qualified", "by_no": "E-7"}).json()
    assert moved["stage"] == "qualified"
    assert [line["stage"] for line in moved["lines"]] == ["qualified"]
    rules = crm.rules("POST", f"/leads/{number}/move", json={"stage": "new", "by_no": "E-7"}, status=409)
    assert rules == {"": "stages_go_forward"}
    assert crm.ask("POST", f"/leads/{number}/lose", json={"by_no": "E-7"}).json()["stage"] == "lost"
