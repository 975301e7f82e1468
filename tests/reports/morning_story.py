"""The warehouse's story told on: a head of sales on leave, a second seller, rows set aside, a comparison.

It is Monday 15 June 2026, 14:00 in Madrid. Joe (E-0003) and Tess (E-0006) sell for Ben (E-0002), who is away
until Wednesday and for whom Anna (E-0004) signs.
"""

from __future__ import annotations

from pathlib import Path

from models import state
from settings import Settings
from tests.warehouse.company import at, make_stores, put, run_sql, settings_at
from tests.warehouse.conftest import build_all
from tests.warehouse.hub_state import aside, comparison, ran, remember
from tests.warehouse.story import tell

TESS_EARNED = 999
"""What Tess sold this month; Joe never sees it."""


def build(home: Path) -> Settings:
    """The settings of the story under ``home``, published."""
    settings = settings_at(home, currency="EUR", timezone="Europe/Madrid", company="Acme Pumps")
    make_stores(settings)
    tell(settings)
    _people(settings)
    _requests(settings)
    _goods(settings)
    _hub(settings)
    build_all(settings)
    return settings


def _people(settings: Settings) -> None:
    run_sql(settings, "oa", "update employees set substitute_no = 'E-0004' where employee_no = 'E-0002'")
    put(
        settings,
        "oa.employees",
        {"employee_no": "E-0006", "name": "Tess", "role": "sales", "manager_no": "E-0002"},
        {"employee_no": "E-0007", "name": "Hal", "role": "hr"},
        {"employee_no": "E-0008", "name": "Rui", "role": "production"},
        {"employee_no": "E-0009", "name": "Una", "role": "staff"},
    )
    for day in ("15", "16"):
        put(
            settings,
            "oa.attendance",
            {"attendance_no": f"AT-E-0002-{day}", "employee_no": "E-0002", "on_date": f"2026-06-{day}"}
            | {"kind": "leave", "hours": "8", "status": "planned"},
        )


def _requests(settings: Settings) -> None:
    request = {"request_no": "AR-2026-00031", "kind": "expense", "status": "pending"}
    put(
        settings,
        "oa.approval_requests",
        request | {"requester_no": "E-0009", "amount": "40", "requested_at": at("06-15 08:00")},
    )
    put(
        settings,
        "oa.approval_steps",
        {"step_no": "AR-2026-00031:1", "request_no": "AR-2026-00031", "step_name": "finance"}
        | {"requester_no": "E-0009", "approver_no": "E-0004", "asked_at": at("06-15 08:00")}
        | {"decision": "pending"},
    )


def _goods(settings: Settings) -> None:
    run_sql(settings, "erp", "update items set category = 'Pumps' where item_no = 'IT-0001'")
    run_sql(settings, "crm", "update accounts set country = 'ES'")
    put(
        settings,
        "crm.accounts",
        {"account_no": "A-0003", "name": "Tessworks", "owner_no": "E-0006", "country": "PT"},
    )
    order = {"order_no": "CO-2026-00007", "account_no": "A-0003", "owner_no": "E-0006"}
    put(settings, "crm.orders", order | {"ordered_at": at("06-12 08:00"), "total_amount": str(TESS_EARNED)})
    put(
        settings,
        "erp.production_orders",
        {"production_no": "MO-1", "plan_key": "SO-2026-00004:IT-0001", "sales_order_no": "SO-2026-00004"}
        | {"item_no": "IT-0001", "quantity": "1", "bom_level": 0, "starts_on": "2026-06-08"}
        | {"due_on": "2026-06-12", "status": "released"},
    )
    line = {"order_line_no": "CO-2026-00007:1", "order_no": "CO-2026-00007"}
    money = {"unit_price": str(TESS_EARNED), "line_amount": str(TESS_EARNED)}
    put(settings, "crm.order_lines", line | money)


def _hub(settings: Settings) -> None:
    row = {"total_amount": "80.00", "currency": "EUR", "ordered_at": "2026-06-10T08:00:00+00:00"}
    remember(
        settings,
        state.quarantine,
        aside("orders.book", "crm.orders", "CO-2026-00003", row, rule="total_is_sum_of_lines"),
        aside("payments.release", "erp.sales_orders", "SO-2026-00004", row) | {"state": "waiting"},
    )
    remember(settings, state.runs, ran("book", "06-15 08:00", 2, read=3, written=2, quarantined=1))
    remember(settings, state.reconciliations, comparison("book", "erp.sales_orders", "06-14 02:00", equal=4))
