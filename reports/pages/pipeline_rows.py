"""The rows behind the page pipeline: leads, customers, their orders by cohort, trips."""

from __future__ import annotations

from reports.filters import PERSON, Filter
from reports.pages import pipeline_customers, pipeline_leads, pipeline_trips
from reports.rows import Column, RowSet

_YES = ("yes",)
_OWNER, _SINCE = Filter("owner", "code"), Filter("since", "date")

LEADS = RowSet(
    name="pipeline-leads",
    tables=pipeline_leads.TABLES,
    select=pipeline_leads.LEADS,
    columns=(
        Column("lead_no", record="lead"), Column("account_name"), Column("stage", words="stage"),
        Column("source", words="source"), Column("item_name"), Column("created_on", "date"),
        Column("age_days", "integer"), Column("touched_on", "date"), Column("still_days", "integer"),
        Column("expected_amount", "money"), Column("win_rate", "percent"),
        Column("weighted_amount", "money"), Column("owner_name"),
    ),
    order="weighted_amount desc nulls last, lead_no",
    where={
        "stage": "stage = $stage",
        "owner": "owner_no = $owner",
        "age": "age = $age",
        "still": "(is_still or is_old) = ($still = 'yes')",
    },
    filters=(
        Filter("stage", "choice", choices=pipeline_leads.STAGES), _OWNER,
        Filter("age", "choice", choices=pipeline_leads.AGES, words="age"),
        Filter("still", "choice", choices=_YES, words="yes_no"),
    ),
)  # fmt: skip
CLOSED = RowSet(
    name="closed-leads",
    tables=("core.fct_lead", "core.dim_employee", "core.dim_date"),
    select=pipeline_leads.CLOSED,
    columns=(
        Column("lead_no", record="lead"), Column("source", words="source"), Column("stage", words="stage"),
        Column("closed_on", "date"), Column("age_days", "integer"), Column("expected_amount", "money"),
        Column("won_amount", "money"), Column("owner_name"),
    ),
    order="closed_on desc, lead_no",
    where={"source": "source = $source", "since": "closed_on > $since", "owner": "owner_no = $owner"},
    filters=(Filter("source", "code"), _SINCE, _OWNER),
)  # fmt: skip
CUSTOMERS = RowSet(
    name="customers",
    tables=pipeline_customers.TABLES,
    select=pipeline_customers.CUSTOMERS,
    columns=(
        Column("account_no", record="account"), Column("account_name"), Column("segment", words="segment"),
        Column("score", "money"), Column("revenue_12m_amount", "money"), Column("revenue_amount", "money"),
        Column("orders", "integer"), Column("last_order_on", "date"), Column("days_since_order", "integer"),
        Column("usual_days", "integer"), Column("longest_days", "integer"),
        Column("overdue_amount", "money"), Column("open_leads", "integer"), Column("cohort"),
        Column("owner_name"),
    ),
    order="score desc, account_no",
    where={
        "segment": "segment = $segment",
        "owner": "owner_no = $owner",
        "cohort": "cohort = $cohort",
        "quiet": "is_quiet = ($quiet = 'yes')",
    },
    filters=(
        Filter("segment", "code"), _OWNER, Filter("cohort", "whole"),
        Filter("quiet", "choice", choices=_YES, words="yes_no"),
    ),
)  # fmt: skip
COHORT_ORDERS = RowSet(
    name="cohort-orders",
    tables=("core.fct_order", "marts.mart_customer_value"),
    select=pipeline_customers.COHORTS,
    columns=(
        Column("order_key", record="order"), Column("account_no", record="account"), Column("account_name"),
        Column("cohort"), Column("ordered_on", "date"), Column("amount", "money"),
    ),
    order="ordered_on desc, order_key",
    where={"cohort": "cohort = $cohort", "year": "ordered_in = $year", "owner": "owner_no = $owner"},
    filters=(Filter("cohort", "whole"), Filter("year", "whole"), _OWNER),
)  # fmt: skip
TRIPS = RowSet(
    name="trips",
    tables=pipeline_trips.TABLES,
    select=pipeline_trips.TRIPS,
    columns=(
        Column("request_no", record="request"), Column("employee_name"), Column("account_name"),
        Column("lead_no", record="lead"), Column("requested_on", "date"), Column("status", words="status"),
        Column("channel", words="channel"), Column("circulation_hours", "hours"),
        Column("cost_amount", "money"), Column("revenue_amount", "money"),
        Column("order_no", record="order"),
    ),
    order="requested_at desc, request_no",
    where={
        "person": "employee_no = $person",
        "since": "requested_on > $since",
        "status": "status = $status",
        "brought": "has_brought = ($brought = 'yes')",
    },
    filters=(
        PERSON, _SINCE, Filter("status", "code"),
        Filter("brought", "choice", choices=("yes", "no"), words="yes_no"),
    ),
)  # fmt: skip
ROWS = (LEADS, CLOSED, CUSTOMERS, COHORT_ORDERS, TRIPS)
