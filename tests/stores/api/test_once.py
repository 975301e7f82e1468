"""A request that is sent again, or twice at once, is done once and answered alike."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.stores.api.conftest import ACCOUNT, Api, Make
from tests.stores.api.test_actions import TRIP, office

LEAD = {"company_name": "Acme", "email": "ana@example.com", "expected_amount": "1200.50"}
KEY = {"Idempotency-Key": "4f1c0d"}
FORM = "crm:write"


def leads(api: Api) -> int:
    return int(api.get("/leads")["total"])


def test_a_lead_sent_twice_with_one_key_is_one_lead(any_crm: Api) -> None:
    first = any_crm.ask("POST", "/leads", json=LEAD, headers=KEY, scopes="crm:read crm:write")
    again = any_crm.ask(
        "POST", "/leads", json=dict(reversed(LEAD.items())), headers=KEY, scopes="crm:read crm:write"
    )
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert [again.headers[name] for name in ("etag", "location")] == [
        first.headers[name] for name in ("etag", "location")
    ]
    assert leads(any_crm) == 1
    assert (first.json()["stage"], first.json()["expected_amount"]) == ("new", "1200.5000")


def test_the_same_key_for_something_else_is_refused(any_crm: Api) -> None:
    any_crm.ask("POST", "/leads", json=LEAD, headers=KEY, scopes=FORM)
    other = {**LEAD, "email": "eva@example.com"}
    assert any_crm.rules("POST", "/leads", json=other, headers=KEY, scopes=FORM, status=409) == {
        "Idempotency-Key": "idempotency_key"
    }
    assert any_crm.rules("POST", "/campaigns", json=LEAD, headers=KEY, scopes=FORM, status=422)
    assert any_crm.ask("POST", "/leads", json=other, headers=KEY, scopes="crm:hub").status_code == 201
    assert leads(any_crm) == 2


def test_many_at_once_with_one_key_are_one_lead(any_crm: Api) -> None:
    any_crm.token(FORM)
    answers = any_crm.ask_all([("POST", "/leads", {"json": LEAD, "headers": KEY})] * 12, scopes=FORM)
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == 1
    assert leads(any_crm) == 1


def test_many_at_once_without_a_key_are_as_many_leads_with_numbers_of_their_own(any_crm: Api) -> None:
    answers = any_crm.ask_all([("POST", "/leads", {"json": LEAD})] * 6)
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.json()["lead_no"] for answer in answers}) == 6


def test_what_was_refused_may_be_sent_again_with_its_key(crm: Api) -> None:
    lead = {**LEAD, "account_no": "A-1"}
    assert crm.ask("POST", "/leads", json=lead, headers=KEY).status_code == 422
    crm.ask("PUT", "/accounts/A-1", json=ACCOUNT)
    assert crm.ask("POST", "/leads", json=lead, headers=KEY).status_code == 201
    assert leads(crm) == 1


def test_a_key_is_kept_for_a_day(any_crm: Api) -> None:
    any_crm.ask("POST", "/leads", json=LEAD, headers=KEY)
    stamp = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for hours, total in ((23, 1), (25, 2)):
        any_crm.sql(f"update api_requests set asked_at = '{stamp - dt.timedelta(hours=hours)}'")
        assert any_crm.ask("POST", "/leads", json=LEAD, headers=KEY).status_code == 201
        assert leads(any_crm) == total
    assert any_crm.sql("select count(*) from api_requests") == [(1,)]


def test_a_payment_sent_twice_is_paid_once(make_api: Make) -> None:
    erp = make_api("erp")
    staff = {"name": "Anna", "department_no": "D-FIN", "is_active": True}
    erp.ask("PUT", "/staff/E-3", json=staff)
    customer = {"crm_account_no": "A-1", "name": "Acme", "currency": "EUR", "kind": "customer",
                "credit_status": "ok", "credit_limit": "0", "payment_terms_days": 30}  # fmt: skip
    erp.ask("PUT", "/customers/C-1", json=customer)
    order = {"customer_no": "C-1", "status": "open", "payment_status": "unpaid", "currency": "EUR",
             "channel": "system", "ordered_at": "2026-11-20T09:30:00Z", "total_amount": "100",
             "paid_amount": "0"}  # fmt: skip
    assert erp.ask("PUT", "/sales_orders/SO-1", json=order).status_code == 201
    pay = {"json": {"amount": "40", "by_no": "E-3"}, "headers": KEY}
    answers = [
        erp.ask("POST", "/sales_orders/SO-1/record_payment", **pay, scopes="erp:pay") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert erp.get("/payments")["total"] == 1
    assert erp.get("/sales_orders/SO-1")["paid_amount"] == "40.0000"


@pytest.mark.parametrize("other", ["cancel", "refuse", "approve?again=1"])
def test_another_action_on_the_same_record_is_another_request(make_api: Make, other: str) -> None:
    oa = office(make_api)
    filed = oa.ask("POST", "/approval_requests/file_trip", json=TRIP).json()
    path, by = f"/approval_requests/{filed['request_no']}", {"by_no": "E-2"}
    first = oa.ask("POST", f"{path}/approve", json=by, headers=KEY)
    assert (first.status_code, first.json()["status"]) == (200, "approved")
    assert oa.rules("POST", f"{path}/{other}", json=by, headers=KEY, status=409) == {
        "Idempotency-Key": "idempotency_key"
    }
    again = oa.ask("POST", f"{path}/approve", json=by, headers=KEY)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")


@pytest.mark.parametrize("key", ["x" * 256, "ä"])
def test_a_key_that_is_none_is_refused(crm: Api, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("utf-8")}
    assert crm.rules("POST", "/leads", json=LEAD, headers=headers, status=422) == {
        "Idempotency-Key": "idempotency_key"
    }
    assert crm.ask("POST", "/leads", json=LEAD, headers={"Idempotency-Key": "x" * 255}).status_code == 201
