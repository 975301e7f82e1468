"""Forecasts: what the warehouse expects becomes a plan once people approve it, and a score on the customer.

published.mart_demand_plan → oa.approval_requests (kind plan) → approved → erp.demand_plan;
published.mart_customer_value → crm.accounts.score. The warehouse is one more source, nothing else.
"""

import datetime as dt
import json
from decimal import Decimal

from flows.approvals import ASKED_ONCE
from hub.words import Flow, Look, Made, MissingDependency, Read, RecordRejected, Row, Step, Using, Write

PLANNER_ROLE = "production"


def proposal(plan: Row, look: Look) -> Made:
    """The forecast demand of a month as a request to plan for it, filed in the name of the planner."""
    planners = sorted(row["employee_no"] for row in look.all("employees", PLANNER_ROLE) if not row["left_on"])
    if not planners:
        raise MissingDependency(
            f"published.mart_demand_plan {plan['plan_no']}: no employee has the role {PLANNER_ROLE!r} in the "
            "OA, so nobody can ask for the plan; it goes by itself once there is one",
            rule="planner_exists",
        )
    if plan["amount"] is None:
        raise MissingDependency(
            f"published.mart_demand_plan {plan['plan_no']}: the ERP has no exchange rate for the currency of "
            "an item's cost, so nobody can say what the plan costs; it goes by itself once there is one",
            rule="plan_has_amount",
        )
    return {
        "request_no": f"AR-{plan['plan_no']}",
        "kind": "plan",
        "requester_no": planners[-1],
        "subject": f"Demand plan for {plan['month_on']:%Y-%m}: {plan['items']} items",
        "amount": plan["amount"],
        "currency": plan["currency"],
        "status": "requested",
        "source_stream": "published.mart_demand_plan",
        "source_key": plan["plan_no"],
        "requested_at": plan["as_of"],
        "channel": "system",
        "payload": plan["plan_lines"],
    }


def demand(request: Row, _look: Look) -> Made:
    """The lines of an approved plan, as the ERP plans by them."""
    try:
        plan = json.loads(request["payload"] or "", parse_float=Decimal)
        month = dt.date.fromisoformat(plan["month_on"])
        lines = [(line["item_no"], Decimal(str(line["quantity"]))) for line in plan["lines"]]
    except (ValueError, KeyError, TypeError) as error:
        raise RecordRejected(
            f"oa.approval_requests {request['request_no']}: payload is no demand plan ({error!r}); expected "
            '{"month_on": "2026-12-01", "lines": [{"item_no": …, "quantity": …}]}: cancel the request',
            rule="payload_is_a_plan",
        ) from None
    return [
        {
            "demand_plan_no": f"{item_no}:{month:%Y-%m}",
            "item_no": item_no,
            "month_on": month,
            "planned_quantity": quantity,
            "request_no": request["request_no"],
        }
        for item_no, quantity in lines
    ]


def score(value: Row, look: Look) -> Made:
    """What a customer is expected to bring; a day's new date alone is no news."""
    account = look.one("accounts", value["account_no"])
    if account is not None and account["score"] == value["score"]:
        return None
    return {"account_no": value["account_no"], "score": value["score"], "score_on": value["score_on"]}


FORECASTS = Flow(
    name="forecasts",
    every="1 day",
    owner="planning",
    doc=__doc__,
    steps=(
        Step(
            "propose",
            read=Read("published.mart_demand_plan"),
            make=proposal,
            # The first proposal of a month is the one people decide on; a newer forecast does not swap it.
            write=Write("oa.approval_requests", key="request_no", create=(*ASKED_ONCE, "payload")),
            needs=("warehouse",),
            using={"employees": Using("oa.employees", "role")},
        ),
        Step(
            "adopt",
            read=Read("oa.approval_requests", where={"kind": "plan", "status": "approved"}),
            make=demand,
            write=Write("erp.demand_plan", key="demand_plan_no"),
        ),
        Step(
            "score",
            read=Read("published.mart_customer_value"),
            make=score,
            write=Write("crm.accounts", key="account_no", owns=("score", "score_on")),
            needs=("warehouse",),
            using={"accounts": Using("crm.accounts", "account_no", match="account_no")},
        ),
    ),
)
