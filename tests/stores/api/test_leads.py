"""A lead that somebody enters is held to the store's rules; what the hub sends is not."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.rest_errors import Place, judge
from connectors.rest_store import store_api
from tests.stores.api.conftest import Api

FORM = "crm:write"
BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"company_name": "contact_or_company"}),
    (
        {"company_name": "", "email": "nope"},
        {"company_name": "contact_or_company", "email": "email_is_one"},
    ),
    (
        {"company_name": "Acme", "expected_amount": "-5"},
        {"expected_amount": "expected_amount_is_not_negative"},
    ),
    ({"company_name": "Acme", "item_no": "IT-9999"}, {"item_no": "item_is_known"}),
    (
        {"contact_name": " ", "email": "a@b", "expected_amount": "-0.0001", "item_no": "IT-9999",
         "account_no": "A-9"},
        {"company_name": "contact_or_company", "email": "email_is_one",
         "expected_amount": "expected_amount_is_not_negative", "item_no": "item_is_known",
         "account_no": "foreign_key:leads.account_no"},
    ),
]  # fmt: skip
PRODUCT = {
    "item_no": "IT-0101",
    "name": "Valve",
    "unit_price": "1",
    "currency": "EUR",
    "is_active": True,
    "available_quantity": "0",
}


@pytest.mark.parametrize(("lead", "rules"), BAD)
def test_a_bad_lead_is_refused_with_all_that_is_wrong(
    any_crm: Api, lead: dict[str, Any], rules: dict[str, str]
) -> None:
    assert any_crm.rules("POST", "/leads", json=lead, scopes=FORM, status=422) == rules
    assert any_crm.rules("PUT", "/leads/L-1", json=lead, scopes=FORM, status=422) == rules
    assert any_crm.get("/leads")["total"] == 0


def test_a_good_lead_is_taken_and_a_change_is_held_to_the_same(crm: Api) -> None:
    (product,) = crm.batch("products", [PRODUCT])
    assert product["effect"] == "inserted", product
    for lead in (
        {"company_name": "Acme", "email": "ana@example.com", "expected_amount": "0", "item_no": "IT-0101"},
        {"contact_name": "Ana", "email": "", "item_no": None},
    ):
        answer = crm.ask("POST", "/leads", json=lead, scopes=FORM)
        assert answer.status_code == 201, answer.text
    path = f"/leads/{answer.json()['lead_no']}"
    bad = {"email": "nope", "contact_name": None}
    assert crm.rules("PUT", path, json=bad, scopes=FORM, status=422) == {
        "email": "email_is_one",
        "company_name": "contact_or_company",
    }
    assert crm.ask("PUT", path, json={"phone": "1"}, scopes=FORM).status_code == 200


def test_an_old_lead_may_be_changed_where_it_is_not_wrong(crm: Api) -> None:
    old = {"lead_no": "L-1", "email": "nope", "source": "file", "stage": "new", "currency": "EUR",
           "created_at": "2026-11-20T09:30:00Z"}  # fmt: skip
    (done,) = crm.batch("leads", [old])
    assert done["effect"] == "inserted", done
    change = {"phone": "1", "email": "nope"}
    assert crm.ask("PUT", "/leads/L-1", json=change, scopes=FORM).status_code == 200


def test_a_hub_whose_token_is_not_the_hubs_is_told_the_scope_it_lacks(crm: Api) -> None:
    answer = crm.ask("POST", "/leads/batch", json={"records": []}, scopes="crm:read crm:write")
    error = judge(store_api("crm"), Place("crm", "http://api"), answer, hide=str).error
    assert "this needs the scope crm:hub" in str(error)
    assert "check TRIADA_CRM_TOKEN" in str(error)
