"""A forecast is proposed once in the planner's name; only an approved plan reaches the ERP."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from flows.forecasts import demand, proposal, score
from hub.words import MissingDependency, RecordRejected
from tests.flows.rows import NOW, look

PLAN: dict[str, Any] = {
    "plan_no": "PLAN-2026-12", "month_on": dt.date(2026, 12, 1), "items": 2, "amount": Decimal("100"),
    "currency": "EUR", "as_of": NOW, "plan_lines": "{}",
}  # fmt: skip


def test_a_proposal_is_filed_in_the_planners_name() -> None:
    planners: dict[str, Any] = {
        "production": [{"employee_no": "E-0020", "left_on": None}, {"employee_no": "E-0030", "left_on": NOW}]
    }
    request = proposal(PLAN, look(employees=planners))
    assert isinstance(request, dict)
    assert (request["request_no"], request["requester_no"]) == ("AR-PLAN-2026-12", "E-0020")
    with pytest.raises(MissingDependency):
        proposal(PLAN, look(employees={}))


def test_a_plan_that_nobody_knows_the_cost_of_waits() -> None:
    planners: dict[str, Any] = {"production": [{"employee_no": "E-0020", "left_on": None}]}
    with pytest.raises(MissingDependency, match="PLAN-2026-12: the ERP has no exchange rate"):
        proposal({**PLAN, "amount": None}, look(employees=planners))


def test_an_approved_plan_becomes_demand_exactly() -> None:
    payload = json.dumps({"month_on": "2026-12-01", "lines": [{"item_no": "IT-0101", "quantity": "12.5000"}]})
    rows = demand({"request_no": "AR-PLAN-2026-12", "payload": payload}, look())
    assert isinstance(rows, list)
    assert (rows[0]["demand_plan_no"], rows[0]["planned_quantity"]) == ("IT-0101:2026-12", Decimal("12.5000"))


def test_a_payload_that_is_no_plan_is_refused() -> None:
    with pytest.raises(RecordRejected, match="AR-PLAN"):
        demand({"request_no": "AR-PLAN-2026-12", "payload": "[]"}, look())


def test_the_same_score_is_no_news() -> None:
    value = {"account_no": "A-1", "score": Decimal("5.0000"), "score_on": dt.date(2026, 11, 20)}
    assert score(value, look(accounts={"A-1": [{"score": Decimal("5.0000")}]})) is None
    assert score(value, look(accounts={"A-1": [{"score": None}]})) is not None
