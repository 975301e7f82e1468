"""One record at a time: told what is wrong, who owns what, and whether somebody was faster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stores.api.conftest import ACCOUNT, Api, Make
from tests.stores.api.test_pages import LINE, ORDER, accounts

CLERK = "crm:read crm:write"
NEW_ORDER = {"account_no": "A-1", "currency": "EUR", "total_amount": "2"}


def test_a_record_is_created_changed_in_part_and_left_alone(any_crm: Api) -> None:
    made = any_crm.ask("PUT", "/accounts/A-1", json=ACCOUNT, scopes=CLERK)
    assert made.status_code == 201
    assert made.headers["location"] == "/accounts/A-1"
    assert (made.json()["status"], made.json()["credit_status"]) == ("prospect", None)
    changed = any_crm.ask("PUT", "/accounts/A-1", json={"city": "Bonn"}, scopes=CLERK)
    assert (changed.status_code, changed.json()["city"], changed.json()["name"]) == (200, "Bonn", "Acme")
    again = any_crm.ask("PUT", "/accounts/A-1", json=changed.json(), scopes=CLERK)
    assert again.json() == changed.json()
    assert again.headers["etag"] == changed.headers["etag"] != made.headers["etag"]


def test_a_change_on_an_old_version_is_refused(any_crm: Api) -> None:
    any_crm.ask("PUT", "/accounts/A-1", json=ACCOUNT)
    seen = any_crm.ask("GET", "/accounts/A-1").headers["etag"]
    mine: dict[str, Any] = {"json": {"city": "Bonn"}, "headers": {"If-Match": seen}}
    assert any_crm.ask("PUT", "/accounts/A-1", **mine).status_code == 200
    assert any_crm.ask("PUT", "/accounts/A-1", **mine).status_code == 412
    assert any_crm.ask("DELETE", "/accounts/A-1", headers={"If-Match": seen}).status_code == 412
    absent: dict[str, Any] = {"json": ACCOUNT, "headers": {"If-None-Match": "*"}}
    assert any_crm.ask("PUT", "/accounts/A-1", **absent).status_code == 412
    assert any_crm.ask("PUT", "/accounts/A-2", json={}, headers={"If-Match": "*"}).status_code == 412
    fresh = any_crm.ask("GET", "/accounts/A-1").headers["etag"]
    assert any_crm.ask("GET", "/accounts/A-1", headers={"If-None-Match": fresh}).status_code == 304
    assert any_crm.ask("DELETE", "/accounts/A-1", headers={"If-Match": fresh}).status_code == 204


def test_of_two_at_once_on_one_version_one_is_refused(any_crm: Api) -> None:
    any_crm.ask("PUT", "/accounts/A-1", json=ACCOUNT)
    seen = any_crm.ask("GET", "/accounts/A-1").headers["etag"]
    asked = [("PUT", "/accounts/A-1", {"json": {"city": c}, "headers": {"If-Match": seen}}) for c in "ABCDEF"]
    statuses = sorted(answer.status_code for answer in any_crm.ask_all(asked))
    assert statuses == [200, 412, 412, 412, 412, 412]


def test_all_that_is_wrong_is_told_at_once_with_field_reason_and_rule(crm: Api) -> None:
    bad = {"email": 5, "stage": "friend", "expected_amount": 1.5, "created_at": "yesterday",
           "country": "SPAIN", "nope": 1, "source": None, "won_amount": "123456789012345.00001"}  # fmt: skip
    assert crm.rules("POST", "/leads", scopes="crm:write", json=bad, status=422) == {
        "email": "value:email",
        "stage": "ck_leads_stage_is_known",
        "expected_amount": "value:expected_amount",
        "created_at": "value:created_at",
        "country": "value:country",
        "nope": "unknown_column:nope",
        "source": "missing:source",
        "won_amount": "value:won_amount",
    }
    answer = crm.ask("POST", "/leads", json={"stage": "friend"})
    assert "expected one of new, engaged, qualified" in answer.json()["errors"][0]["reason"]


def test_what_a_new_record_lacks_is_told(crm: Api) -> None:
    rules = crm.rules("POST", "/orders", json={"lines": []}, status=422)
    assert rules == {name: f"missing:{name}" for name in ("account_no", "currency", "total_amount")}
    assert crm.rules("POST", "/accounts", json=dict(list(ACCOUNT.items())[1:]), status=422) == {
        "account_no": "missing:account_no"
    }


def test_a_rule_of_the_database_is_told_by_its_name_and_fields(any_crm: Api) -> None:
    assert any_crm.rules("POST", "/leads", json={"stage": "won"}, status=422) == {
        "stage": "ck_leads_closed_when_decided",
        "closed_at": "ck_leads_closed_when_decided",
    }
    assert any_crm.rules("POST", "/leads", json={"account_no": "A-9"}, status=422) == {
        "account_no": "foreign_key:leads.account_no"
    }
    assert any_crm.ask("POST", "/leads", json={"external_key": "web-1"}).status_code == 201
    assert any_crm.rules("POST", "/leads", json={"external_key": "web-1"}, status=409) == {
        "external_key": "uq_leads_external_key"
    }
    assert any_crm.ask("POST", "/leads", json={"lead_no": "L-7"}).status_code == 201
    assert any_crm.rules("POST", "/leads", json={"lead_no": "L-7"}, status=409) == {
        "lead_no": "unique:lead_no"
    }


def test_a_column_of_another_system_is_told_its_owner(crm: Api) -> None:
    crm.ask("PUT", "/accounts/A-1", json={**ACCOUNT, "credit_status": "ok", "credit_limit": "100"})
    answer = crm.ask("PUT", "/accounts/A-1", json={"credit_status": "hold", "city": "Bonn"}, scopes=CLERK)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "field": "credit_status",
            "reason": "credit_status is the ERP's; change it there",
            "rule": "owned_by:erp",
        }
    ]
    assert crm.get("/accounts/A-1")["city"] is None
    same = {"credit_status": "ok", "credit_limit": "100.00", "city": "Bonn"}
    assert crm.ask("PUT", "/accounts/A-1", json=same, scopes=CLERK).status_code == 200
    rules = crm.rules(
        "POST", "/accounts", json={**ACCOUNT, "account_no": "A-2", "score": "1"}, scopes=CLERK, status=422
    )
    assert rules == {"score": "owned_by:hub"}


def test_another_systems_records_cannot_be_made_or_deleted_here(crm: Api) -> None:
    product = {"item_no": "IT-1", "name": "Pump", "unit_price": "1", "currency": "EUR",
               "available_quantity": "1", "is_active": True}  # fmt: skip
    assert set(crm.rules("PUT", "/products/IT-1", json=product, scopes=CLERK, status=422).values()) == {
        "owned_by:erp"
    }
    assert crm.ask("PUT", "/products/IT-1", json=product).status_code == 201
    assert crm.rules("DELETE", "/products/IT-1", scopes=CLERK, status=422) == {"item_no": "owned_by:erp"}
    assert crm.ask("DELETE", "/products/IT-1").status_code == 204


def test_a_document_is_put_whole_and_numbered_where_it_says_nothing(any_crm: Api) -> None:
    any_crm.ask("PUT", "/accounts/A-1", json=ACCOUNT)
    lines = [{**LINE, "item_no": "IT-1"}, {**LINE, "item_no": "IT-2"}]
    made = any_crm.ask("POST", "/orders", json={**NEW_ORDER, "lines": lines}, scopes=CLERK)
    assert made.status_code == 201, made.text
    number = made.json()["order_no"]
    assert [line["order_line_no"] for line in made.json()["lines"]] == [f"{number}:1", f"{number}:2"]
    fewer = [{**made.json()["lines"][1], "quantity": "3"}]
    changed = any_crm.ask("PUT", f"/orders/{number}", json={"lines": fewer}, scopes=CLERK)
    assert [(line["item_no"], line["quantity"]) for line in changed.json()["lines"]] == [("IT-2", "3.0000")]
    assert changed.headers["etag"] != made.headers["etag"]
    twice = {"lines": [{**LINE, "order_line_no": "x"}, {**LINE, "order_line_no": "x"}]}
    assert any_crm.rules("PUT", f"/orders/{number}", json=twice, status=422) == {
        "lines": "unique:order_line_no"
    }
    taken = {
        "lines": [{**LINE, "order_line_no": "y", "line_no": 1}, {**LINE, "order_line_no": "z", "line_no": 1}]
    }
    assert set(any_crm.rules("PUT", f"/orders/{number}", json=taken, status=409)) == {"order_no", "line_no"}


def test_what_is_pointed_to_is_not_deleted(any_crm: Api) -> None:
    any_crm.batch("accounts", accounts(2))
    any_crm.batch(
        "orders", [{**ORDER, "lines": [{**LINE, "order_line_no": "CO-1:1", "line_no": 1}]}], lines=True
    )
    rules = any_crm.rules("DELETE", "/accounts/A-0001", status=409)
    assert next(iter(rules.values())).startswith("foreign_key:")
    assert any_crm.ask("DELETE", "/orders/CO-1").status_code == 204
    assert any_crm.ask("DELETE", "/accounts/A-0001").status_code == 204
    assert any_crm.ask("DELETE", "/accounts/A-0001").status_code == 404
    assert any_crm.get("/order_lines?deletes=true")["total"] == 1


def test_a_key_never_changes_and_must_be_one(crm: Api) -> None:
    assert crm.rules("PUT", "/accounts/A-1", json={**ACCOUNT, "account_no": "A-2"}, status=422) == {
        "account_no": "key_stays"
    }
    assert crm.rules("PUT", f"/accounts/{'A' * 65}", json=ACCOUNT, status=422) == {
        "account_no": "value:account_no"
    }
    assert crm.ask("PUT", "/accounts/A%2F1", json={**ACCOUNT, "account_no": "A/1"}).status_code == 201
    assert crm.get("/accounts/A%2F1")["account_no"] == "A/1"


def test_a_key_that_no_database_can_hold_is_nowhere(any_crm: Api) -> None:
    for key in ("A%00", "%ED%A0%80", "A" * 65):
        assert any_crm.ask("GET", f"/accounts/{key}").status_code == 404
        assert any_crm.ask("DELETE", f"/accounts/{key}").status_code in (404, 422)
        assert any_crm.ask("POST", f"/orders/{key}/cancel").status_code == 404
        assert any_crm.get(f"/accounts?key={key}")["rows"] == []
    assert any_crm.rules("PUT", "/accounts/A%00", json=ACCOUNT, status=422)
    assert any_crm.rules("GET", "/accounts?name=%00", status=422) == {"name": "value:name"}


def test_who_may_only_write_reads_nothing_by_writing(crm: Api) -> None:
    crm.ask("PUT", "/accounts/A-1", json={**ACCOUNT, "city": "Bonn"})
    answer = crm.ask("PUT", "/accounts/A-1", json={"name": "Acme"}, scopes="crm:write")
    assert answer.json() == {"account_no": "A-1"}
    assert crm.ask("GET", "/accounts/A-1", scopes="crm:write").status_code == 403


def test_a_request_is_routed_at_once_and_not_approved_by_an_edit(make_api: Make) -> None:
    oa = make_api("oa")
    clerk = "oa:read oa:write"
    for no, manager in (("E-1", None), ("E-2", "E-1")):
        oa.ask("PUT", "/departments/D-1", json={"name": "All", "country": "ES"})
        person = {"name": no, "role": "staff", "department_no": "D-1", "manager_no": manager, "country": "ES",
                  "timezone": "Europe/Madrid", "hired_on": "2020-01-01"}  # fmt: skip
        assert oa.ask("PUT", f"/employees/{no}", json=person).status_code == 201
    policy = {"kind": "trip", "level": 1, "min_amount": "0", "currency": "EUR", "approver_rule": "manager",
              "step_name": "supervisor", "target_hours": "8"}  # fmt: skip
    oa.ask("PUT", "/approval_policies/trip:1", json=policy)
    wish = {"kind": "trip", "requester_no": "E-2", "subject": "Ken", "amount": "100", "currency": "EUR"}
    made = oa.ask("POST", "/approval_requests", json=wish, scopes=clerk)
    assert made.status_code == 201, made.text
    number = made.json()["request_no"]
    found = oa.get(f"/approval_requests/{number}")
    assert (found["status"], found["lines"][0]["approver_no"]) == ("pending", "E-1")
    put = oa.ask("PUT", "/approval_requests/AR-X", json=wish, scopes=clerk)
    assert put.status_code == 201
    assert oa.get("/approval_requests/AR-X")["status"] == "pending"
    edits: list[dict[str, Any]] = [
        {"status": "approved"},
        {"decided_at": "2026-11-20T09:30:00Z"},
        {"lines": []},
    ]
    for body in edits:
        rules = oa.rules("PUT", f"/approval_requests/{number}", json=body, scopes=clerk, status=422)
        assert next(iter(rules.values())).startswith("decided_by_action")
    assert oa.rules(
        "POST", "/approval_requests", json={**wish, "status": "approved"}, scopes=clerk, status=422
    )
    step = found["lines"][0]["step_no"]
    forged = {"decision": "approved", "decided_at": "2026-11-20T09:30:00Z"}
    assert oa.rules("PUT", f"/approval_steps/{step}", json=forged, scopes=clerk, status=422)
    assert oa.rules("DELETE", f"/approval_requests/{number}", scopes=clerk, status=422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"name": NaN}', 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe\x00", 400),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(crm: Api, body: bytes, status: int) -> None:
    assert crm.ask("POST", "/leads", content=body).status_code == status
    assert crm.ask("POST", "/leads", content=b"{}", headers={"Content-Type": "text/xml"}).status_code == 415
