"""The story the semantic tests are counted from: three people, five orders, and every kind of gap once."""

from __future__ import annotations

from settings import Settings
from tests.warehouse.company import at, put


def tell(settings: Settings) -> None:
    """Put the whole story into empty stores."""
    _people(settings)
    _goods(settings)
    _approvals(settings)
    _leads_and_trips(settings)
    _orders(settings)
    _deliveries(settings)


def _people(settings: Settings) -> None:
    put(settings, "oa.departments", {"department_no": "D-ALL", "name": "All", "country": "ES"})
    week = {"working_weekdays": "12345", "opens_at": "09:00", "closes_at": "17:00"}
    put(
        settings,
        "oa.calendars",
        week | {"country": "ES", "timezone": "Europe/Madrid"},
        week | {"country": "GB", "timezone": "Europe/London"},
    )
    put(
        settings,
        "oa.holidays",
        {
            "holiday_no": "ES-2026-06-11",
            "country": "ES",
            "on_date": "2026-06-11",
            "name": "C",
            "day_part": "full",
        },
        {
            "holiday_no": "ES-2026-06-12",
            "country": "ES",
            "on_date": "2026-06-12",
            "name": "D",
            "day_part": "half",
        },
    )
    put(
        settings,
        "oa.employees",
        {"employee_no": "E-0002", "name": "Ben", "role": "sales_manager"},
        {"employee_no": "E-0003", "name": "Joe", "role": "sales", "manager_no": "E-0002"},
        {
            "employee_no": "E-0004",
            "name": "Anna",
            "role": "finance",
            "country": "GB",
            "timezone": "Europe/London",
        },
    )


def _goods(settings: Settings) -> None:
    put(settings, "erp.items", {"item_no": "IT-0001", "name": "Pump"}, {"item_no": "IT-0002", "name": "Fan"})
    put(
        settings,
        "erp.exchange_rates",
        {"rate_no": "USD:2026-05-01", "currency": "USD", "on_date": "2026-05-01", "rate": "0.9"},
        {"rate_no": "USD:2026-06-01", "currency": "USD", "on_date": "2026-06-01", "rate": "0.92"},
    )
    put(
        settings,
        "crm.accounts",
        {"account_no": "A-0001", "name": "Acme"},
        {"account_no": "A-0002", "name": "Zeta"},
    )
    put(settings, "erp.customers", {"customer_no": "C-0001", "crm_account_no": "A-0001", "name": "Acme"})
    put(settings, "erp.stock", {"item_no": "IT-0001", "on_hand": "7", "reserved": "2"})
    put(
        settings,
        "erp.stock_moves",
        {"stock_move_no": "SM-1", "item_no": "IT-0001", "moved_at": at("01-05 08:00"), "quantity": "10"}
        | {"kind": "opening"},
        {"stock_move_no": "SM-2", "item_no": "IT-0001", "moved_at": at("05-22 08:00"), "quantity": "-3"}
        | {"kind": "shipment"},
    )


def _approvals(settings: Settings) -> None:
    def decided(no: str, kind: str, asked: str, answered: str, **more: str) -> None:
        times = {"requested_at": at(asked), "decided_at": at(answered)}
        request = {"request_no": no, "kind": kind, "status": "approved"} | times
        put(settings, "oa.approval_requests", request)
        step = {"step_no": f"{no}:1", "request_no": no, "step_name": "manager", "decision": "approved"}
        put(
            settings,
            "oa.approval_steps",
            step | {"asked_at": at(asked), "decided_at": at(answered)} | more,
        )

    # Wednesday 16:00 in Madrid to Monday 10:00, over a holiday, half a Friday and a weekend.
    decided("AR-2026-00001", "purchase", "06-10 14:00", "06-15 08:00")
    # Friday 16:30 in London to Monday 9:30.
    decided(
        "AR-2026-00003", "credit", "06-05 15:30", "06-08 08:30", approver_no="E-0004", step_name="finance"
    )
    # Monday from nine in Madrid, for 1, 2, 3, 4 and 10 hours.
    for number, answered in enumerate(("08:00", "09:00", "10:00", "11:00", "17:00"), start=21):
        decided(f"AR-2026-000{number}", "discount", "06-01 07:00", f"06-01 {answered}")
    put(
        settings,
        "oa.approval_requests",
        {
            "request_no": "AR-2026-00002",
            "kind": "discount",
            "status": "pending",
            "requested_at": at("06-09 08:00"),
        }
        | {"source_stream": "crm.orders", "source_key": "CO-2026-00002", "amount": "70"},
    )
    put(
        settings,
        "oa.approval_steps",
        {"step_no": "AR-2026-00002:1", "request_no": "AR-2026-00002", "step_name": "manager"}
        | {"asked_at": at("06-09 08:00"), "decision": "pending"},
    )


def _leads_and_trips(settings: Settings) -> None:
    put(
        settings,
        "crm.leads",
        {"lead_no": "L-2026-0001", "stage": "won", "expected_amount": "900", "won_amount": "1000.10"}
        | {"created_at": at("04-01 08:00"), "closed_at": at("05-04 08:00")},
        {"lead_no": "L-2026-0002", "stage": "won", "won_amount": "500", "currency": "USD"}
        | {
            "created_at": at("05-10 08:00"),
            "closed_at": at("06-01 08:00"),
            "company_name": "sales@zeta.example",
        },
        {"lead_no": "L-2026-0003", "stage": "lost", "expected_amount": "5"}
        | {"created_at": at("04-01 08:00"), "closed_at": at("05-01 08:00")},
        {"lead_no": "L-2026-0004", "stage": "new", "expected_amount": "300", "created_at": at("06-05 08:00")},
    )
    trip = {"kind": "trip", "status": "approved", "requested_at": at("04-02 08:00")}
    put(
        settings,
        "oa.approval_requests",
        trip
        | {"request_no": "AR-2026-00010", "amount": "250", "lead_no": "L-2026-0001"}
        | {"decided_at": at("04-03 08:00"), "starts_on": "2026-04-10", "ends_on": "2026-04-11"},
        trip | {"request_no": "AR-2026-00011", "amount": "300", "decided_at": at("06-10 08:00")},
    )
    put(
        settings,
        "erp.funds",
        {"fund_no": "FU-2026-00010", "request_no": "AR-2026-00010", "employee_no": "E-0003", "kind": "trip"}
        | {"amount": "200", "currency": "EUR", "status": "booked", "booked_on": "2026-04-03"},
    )


def _orders(settings: Settings) -> None:
    def order(number: int, day: str, amount: str, **more: str) -> None:
        no = f"CO-2026-0000{number}"
        put(settings, "crm.orders", {"order_no": no, "ordered_at": at(day), "total_amount": amount} | more)
        if number != 1:
            put(
                settings,
                "crm.order_lines",
                {"order_line_no": f"{no}:1", "order_no": no, "unit_price": amount, "line_amount": amount},
            )

    order(1, "05-04 08:00", "1000.10", lead_no="L-2026-0001", fulfilment="shipped")
    line = {"order_no": "CO-2026-00001", "quantity": "1"}
    put(
        settings,
        "crm.order_lines",
        line | {"order_line_no": "CO-2026-00001:1", "unit_price": "600.05", "line_amount": "600.05"},
        line
        | {"order_line_no": "CO-2026-00001:2", "line_no": 2, "item_no": "IT-0002"}
        | {"unit_price": "400.05", "line_amount": "400.05"},
    )
    order(2, "06-08 08:00", "70", approval_status="wanted", approval_kind="discount")
    order(3, "06-10 08:00", "80")
    order(4, "06-02 08:00", "40", fulfilment="paid")
    order(5, "06-01 08:00", "50", fulfilment="paid")
    order(6, "06-03 08:00", "5000", status="cancelled")


def _deliveries(settings: Settings) -> None:
    def sold(number: int, day: str, amount: str, **more: object) -> None:
        numbers = {"sales_order_no": f"SO-2026-0000{number}", "crm_order_no": f"CO-2026-0000{number}"}
        put(settings, "erp.sales_orders", numbers | {"ordered_at": at(day), "total_amount": amount} | more)

    def paid(no: str, order: str, amount: str, day: str) -> None:
        when = {"paid_on": f"2026-{day}", "recorded_at": at(f"{day} 09:00")}
        put(settings, "erp.payments", {"payment_no": no, "sales_order_no": order, "amount": amount} | when)

    def shipped(order: str, instant: str) -> None:
        key = {"shipment_no": order.replace("SO", "SH"), "sales_order_no": order, "release_key": order}
        times = {"status": "shipped", "requested_at": at(instant), "shipped_at": at(instant)}
        put(settings, "erp.shipments", key | times)

    full = {"payment_status": "paid"}
    sold(1, "05-04 08:00", "1000.10", status="shipped", paid_amount="1000.10", **full)
    sold(4, "06-02 08:00", "40", status="planned", paid_amount="40", **full)
    sold(5, "06-01 08:00", "50", status="shipped", paid_amount="25", payment_status="partly")
    put(
        settings,
        "erp.sales_orders",
        {"sales_order_no": "SO-2026-00900", "status": "shipped", "channel": "paper", "currency": "USD"}
        | {"ordered_at": at("06-01 08:00"), "total_amount": "100"},
    )
    put(
        settings,
        "erp.sales_order_lines",
        {"sales_order_line_no": "SO-2026-00900:1", "sales_order_no": "SO-2026-00900", "unit_price": "100"}
        | {"line_amount": "100"},
    )
    paid("PA-2026-00001", "SO-2026-00001", "1000", "05-20")
    paid("PA-2026-00002", "SO-2026-00001", "0.10", "05-21")
    paid("PA-2026-00003", "SO-2026-00004", "40", "06-05")
    paid("PA-2026-00004", "SO-2026-00005", "25", "06-05")
    shipped("SO-2026-00001", "05-22 08:00")
    shipped("SO-2026-00005", "06-02 08:00")
    shipped("SO-2026-00900", "06-03 08:00")
    owed = {"receivable_no": "RE-2026-00005", "sales_order_no": "SO-2026-00005", "amount": "50"}
    put(settings, "erp.receivables", owed | {"open_amount": "25", "due_on": "2026-06-10"})
