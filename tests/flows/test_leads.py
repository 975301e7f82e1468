"""A line of a lead file becomes a lead; a company known under another spelling is not made twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flows.leads import captured_lead, prospect
from hub.words import MissingDependency, RecordRejected, Row
from tests.flows.rows import look

ACCOUNTS = {
    "Acme Industries Ltd": [{"account_no": "A-0001", "name": "Acme Industries Ltd", "owner_no": "E-0003"}]
}


def line(**changes: Any) -> Row:
    return {
        "external_key": "web-0001", "company_name": "Nova SA", "contact_name": "", "email": "a@nova.example",
        "phone": "", "country": "ES", "item_no": "", "expected_amount": "1250.00", "currency": "EUR",
        "created_at": "2026-11-20T09:30:00+01:00", "campaign_no": "",
    } | changes  # fmt: skip


def test_a_line_becomes_a_lead_under_the_senders_key() -> None:
    lead = captured_lead(line(), look(accounts=ACCOUNTS))
    assert isinstance(lead, dict)
    assert (lead["lead_no"], lead["account_no"], lead["expected_amount"]) == (
        "L-web-0001",
        None,
        Decimal("1250.00"),
    )
    assert lead["created_at"].utcoffset() is not None


def test_another_spelling_is_the_same_company() -> None:
    lead = captured_lead(line(company_name="ACME Industries, Ltd."), look(accounts=ACCOUNTS))
    assert isinstance(lead, dict)
    assert (lead["account_no"], lead["owner_no"]) == ("A-0001", "E-0003")


@pytest.mark.parametrize(
    ("column", "value"),
    [("expected_amount", "12 k"), ("created_at", "yesterday"), ("created_at", "2026-11-20T09:30")],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(column: str, value: str) -> None:
    with pytest.raises(RecordRejected, match="correct the file"):
        captured_lead(line(**{column: value}), look(accounts=ACCOUNTS))


def test_a_qualified_leads_prospect_becomes_an_erp_prospect() -> None:
    account = {"account_no": "A-0009", "name": "Nova SA", "country": "ES", "city": None, "currency": "EUR"}
    lead = {"lead_no": "L-1", "account_no": "A-0009"}
    made = prospect(lead, look(accounts={"A-0009": [{**account, "status": "prospect"}]}))
    assert isinstance(made, dict)
    assert (made["customer_no"], made["kind"]) == ("C-0009", "prospect")
    assert prospect(lead, look(accounts={"A-0009": [{**account, "status": "active"}]})) is None
    with pytest.raises(MissingDependency):
        prospect(lead, look(accounts={}))
