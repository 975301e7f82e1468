"""A second story: every way a document goes on without its approval, and neighbours that are right.

The same Monday, 15 June 2026: in Spain the 11th was a holiday and half of the 12th was worked. Every order
is in the ERP too, so that only what a test is about is a gap.
"""

from __future__ import annotations

from typing import Any

from settings import Settings
from tests.warehouse.company import at, put

POLICY_SINCE = "03-01 08:00"


def tell_gaps(settings: Settings) -> None:
    """Put it into empty stores."""
    _people(settings)
    _policies(settings)
    _sales(settings)
    _purchases(settings)
    _requests(settings)
    _trips(settings)
    _deliveries(settings)


def _people(settings: Settings) -> None:
    put(settings, "oa.departments", {"department_no": "D-ALL", "name": "All", "country": "ES"})
    week = {"working_weekdays": "12345", "opens_at": "09:00", "closes_at": "17:00"}
    zones = {"ES": "Europe/Madrid", "GB": "Europe/London", "US": "America/New_York"}
    put(settings, "oa.calendars", *(week | {"country": c, "timezone": zone} for c, zone in zones.items()))
    spain = {"country": "ES", "name": "C"}
    put(
        settings,
        "oa.holidays",
        spain | {"holiday_no": "ES-2026-06-11", "on_date": "2026-06-11", "day_part": "full"},
        spain | {"holiday_no": "ES-2026-06-12", "on_date": "2026-06-12", "day_part": "half"},
    )
    put(
        settings,
        "oa.employees",
        {"employee_no": "E-0002", "name": "Ben", "role": "sales_manager"},
        {"employee_no": "E-0003", "name": "Joe", "role": "sales", "manager_no": "E-0002"},
        {"employee_no": "E-0004", "name": "Anna", "country": "GB", "timezone": zones["GB"]},
        {"employee_no": "E-0005", "name": "Kim", "country": "US", "timezone": zones["US"]},
    )


def _policies(settings: Settings) -> None:
    def level(kind: str, number: int, amount: str, *, rule: str, approver: str | None, name: str) -> None:
        policy = {"policy_no": f"{kind}:{number}", "kind": kind, "level": number, "min_amount": amount}
        who = {"approver_rule": rule, "approver_no": approver, "step_name": name, "target_hours": "8"}
        since = {"currency": "EUR", "updated_at": at(POLICY_SINCE)}
        put(settings, "oa.approval_policies", policy | who | since)

    for kind, amount in (("trip", "2500"), ("purchase", "25000")):
        level(kind, 1, "0", rule="manager", approver=None, name="manager")
        level(kind, 2, amount, rule="employee", approver="E-0004", name="finance")
    level("discount", 1, "0", rule="manager", approver=None, name="manager")


def _request(settings: Settings, no: str, status: str, decided: str, **more: Any) -> None:
    times = {"requested_at": at("06-05 08:00"), "decided_at": at(decided)}
    put(settings, "oa.approval_requests", {"request_no": no, "kind": "trip", "status": status} | times | more)


def _step(
    settings: Settings, request: str, sequence: int, *, name: str, approver: str, requester: str
) -> None:
    step = {"step_no": f"{request}:{sequence}", "request_no": request, "sequence": sequence}
    who = {"step_name": name, "approver_no": approver, "requester_no": requester}
    when = {"asked_at": at("06-05 08:00"), "decided_at": at("06-05 09:00"), "decision": "approved"}
    put(settings, "oa.approval_steps", step | who | when)


def _sales(settings: Settings) -> None:
    put(settings, "erp.items", {"item_no": "IT-0001", "name": "Pump"})
    rate = {"rate_no": "USD:2026-05-01", "currency": "USD", "on_date": "2026-05-01", "rate": "0.9"}
    put(settings, "erp.exchange_rates", rate)
    put(settings, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    put(settings, "erp.customers", {"customer_no": "C-0001", "crm_account_no": "A-0001", "name": "Acme"})
    put(
        settings,
        "crm.leads",
        # Tuesday 22:00 where Kim works, Wednesday where the company sits.
        {"lead_no": "L-2026-0001", "stage": "won", "won_amount": "500", "currency": "USD"}
        | {"owner_no": "E-0005", "created_at": at("05-10 08:00"), "closed_at": at("06-10 02:00")},
    )
    order(settings, 11, "06-10 08:00", "75", discount="0.25")
    order(settings, 12, "06-10 08:00", "80", discount="0.20")
    order(settings, 13, "06-12 08:00", "60", approval_status="approved", approval_kind="discount")
    order(settings, 14, "06-12 08:00", "61", approval_status="approved", approval_kind="discount")
    order(settings, 15, "06-13 08:00", "62", approval_status="refused", approval_kind="discount")
    order(settings, 16, "06-12 08:00", "63", approval_status="approved", approval_kind="discount")
    order(settings, 17, "02-10 08:00", "64", discount="0.25")
    asked = {"kind": "discount", "source_stream": "crm.orders"}
    _request(settings, "AR-14", "approved", "06-12 09:00", source_key="CO-2026-00014", **asked)
    _request(settings, "AR-16", "cancelled", "06-12 09:00", source_key="CO-2026-00016", **asked)


def order(settings: Settings, number: int, day: str, amount: str, discount: str = "0", **more: Any) -> None:
    """An order of one line that both systems have."""
    no, rest = f"2026-000{number}", {"ordered_at": at(day), "total_amount": amount}
    told = {
        "status": more.pop("sales_status", "open"),
        "payment_status": more.pop("payment_status", "unpaid"),
    }
    line = {"unit_price": amount, "line_amount": amount, "discount_rate": discount}
    put(settings, "crm.orders", {"order_no": f"CO-{no}", "fulfilment": "booked"} | rest | more)
    put(settings, "crm.order_lines", {"order_line_no": f"CO-{no}:1", "order_no": f"CO-{no}"} | line)
    sales = {"sales_order_no": f"SO-{no}", "crm_order_no": f"CO-{no}"}
    put(settings, "erp.sales_orders", sales | rest | told)


def _purchases(settings: Settings) -> None:
    put(settings, "erp.suppliers", {"supplier_no": "S-001", "name": "Kupfer", "lead_time_days": 7})

    def bought(number: int, status: str, approval: str, amount: str, **more: Any) -> None:
        purchase = {"purchase_no": f"PO-2026-0000{number}", "supplier_no": "S-001", "requester_no": "E-0004"}
        state = {"status": status, "approval_status": approval, "total_amount": amount, "currency": "EUR"}
        when = {"ordered_at": at("06-10 08:00"), "expected_on": "2026-06-17"}
        put(settings, "erp.purchases", purchase | state | when | more)

    bought(1, "ordered", "none", "25000")
    bought(2, "ordered", "none", "24999.99")
    bought(3, "draft", "wanted", "300")
    bought(4, "draft", "wanted", "400")
    bought(5, "ordered", "refused", "500")
    bought(6, "received", "approved", "600", received_on="2026-06-14", expected_on="2026-06-12")
    line = {"line_no": 1, "item_no": "IT-0001", "quantity": "2", "unit_cost": "300"}
    put(
        settings,
        "erp.purchase_lines",
        line | {"purchase_line_no": "PO-2026-00006:1", "purchase_no": "PO-2026-00006"},
    )
    asked = {"kind": "purchase", "source_stream": "erp.purchases", "requester_no": "E-0004"}
    _request(settings, "AR-P4", "approved", "06-12 08:00", source_key="PO-2026-00004", amount="400", **asked)
    _request(settings, "AR-P6", "approved", "06-12 08:00", source_key="PO-2026-00006", amount="600", **asked)


def _requests(settings: Settings) -> None:
    """Three trips of 3,000: one that finance should have decided too, one it did, one finance's own."""
    for no, requester in (("AR-21", "E-0003"), ("AR-22", "E-0003"), ("AR-23", "E-0004")):
        _request(settings, no, "approved", "06-10 08:00", amount="3000", requester_no=requester)
        _fund(settings, no.replace("AR", "FU"), no, amount="3000", day="2026-06-10")
        _step(settings, no, 1, name="manager", approver="E-0002", requester=requester)
    _step(settings, "AR-22", 2, name="finance", approver="E-0004", requester="E-0003")


def _fund(
    settings: Settings, no: str, request: str, *, amount: str, day: str, status: str = "booked"
) -> None:
    fund = {"fund_no": no, "request_no": request, "employee_no": "E-0003", "kind": "trip", "amount": amount}
    put(settings, "erp.funds", fund | {"currency": "EUR", "status": status, "booked_on": day})


def _trips(settings: Settings) -> None:
    def trip(no: str, first: str, last: str, *days: str, fund: str = "booked") -> None:
        _request(settings, no, "approved", "06-12 08:00", amount="200", starts_on=first, ends_on=last)
        _fund(settings, no.replace("AR", "FU"), no, amount="200", day="2026-06-12", status=fund)
        _days(settings, no, *days)

    _days(settings, None, "2026-06-01", kind="present", status="actual")
    trip("AR-31", "2026-06-18", "2026-06-19", "2026-06-18")
    trip("AR-32", "2026-06-20", "2026-06-21")  # a weekend
    trip("AR-33", "2026-06-10", "2026-06-12", "2026-06-10", "2026-06-12")  # around the holiday
    trip("AR-34", "2026-06-22", "2026-06-22", "2026-06-22", fund="reversed")
    # Friday to Monday: the weekend's days stand for no Monday.
    trip("AR-37", "2026-06-26", "2026-06-29", "2026-06-26", "2026-06-27", "2026-06-28")
    _request(settings, "AR-35", "refused", "06-05 10:00", amount="90")
    _fund(settings, "FU-35", "AR-35", amount="90", day="2026-06-06")
    _request(settings, "AR-36", "cancelled", "06-05 10:00", amount="91")
    _fund(settings, "FU-36", "AR-36", amount="91", day="2026-06-06", status="reversed")
    _days(settings, None, "2026-06-15", "2026-06-16")


def _days(settings: Settings, request: str | None, *days: str, **more: str) -> None:
    for day in days:
        row = {"attendance_no": f"E-0003:{day}", "employee_no": "E-0003", "on_date": day, "hours": "8"}
        usual = {"kind": "business_trip", "status": "planned", "request_no": request}
        put(settings, "oa.attendance", row | usual | more)


def _deliveries(settings: Settings) -> None:
    order(settings, 41, "06-02 08:00", "40", sales_status="planned", payment_status="paid", fulfilment="paid")
    order(settings, 42, "06-02 08:00", "41", sales_status="shipped", fulfilment="planned")
    order(settings, 43, "06-02 08:00", "42", sales_status="shipped", status="cancelled")
    paid = {"sales_order_no": "SO-2026-00041", "amount": "40", "paid_on": "2026-06-11"}
    put(settings, "erp.payments", paid | {"payment_no": "PA-41", "recorded_at": at("06-11 09:00")})

    def leaves(no: str, number: int, status: str, shipped: str | None) -> None:
        key = {"shipment_no": no, "sales_order_no": f"SO-2026-000{number}", "release_key": no}
        gone = {"shipped_at": at(shipped)} if shipped else {}
        put(settings, "erp.shipments", key | {"status": status, "requested_at": at("06-11 10:00")} | gone)

    leaves("SH-41a", 41, "shipped", "06-12 08:00")
    leaves("SH-41b", 41, "waiting", None)
    leaves("SH-42", 42, "shipped", "06-12 08:00")
    leaves("SH-43", 43, "shipped", "06-12 08:00")
