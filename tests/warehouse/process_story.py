"""The story processes are counted from: one lead, its two orders, paper beside them, and work done again.

Everybody works from Monday to Friday: Joe and Ben in Madrid (07-15 UTC in June), Anna in London (08-16 UTC).
"""

from __future__ import annotations

import sqlalchemy as sa

from models import state
from settings import Settings
from tests.warehouse.company import at, put


def tell(settings: Settings) -> None:
    """Put the whole story into empty stores."""
    _people(settings)
    _lead(settings)
    _requests(settings)
    _orders(settings)
    _deliveries(settings)
    _reports_back(settings)


def _people(settings: Settings) -> None:
    put(settings, "oa.departments", {"department_no": "D-ALL", "name": "All", "country": "ES"})
    week = {"working_weekdays": "12345", "opens_at": "09:00", "closes_at": "17:00"}
    put(
        settings,
        "oa.calendars",
        week | {"country": "ES", "timezone": "Europe/Madrid"},
        week | {"country": "GB", "timezone": "Europe/London"},
    )
    london = {"country": "GB", "timezone": "Europe/London"}
    put(
        settings,
        "oa.employees",
        {"employee_no": "E-0002", "name": "Ben", "role": "sales_manager"},
        {"employee_no": "E-0003", "name": "Joe & <José>", "role": "sales", "manager_no": "E-0002"},
        {"employee_no": "E-0004", "name": "Anna", "role": "finance"} | london,
    )
    put(settings, "erp.items", {"item_no": "IT-0001", "name": "Pump"}, {"item_no": "IT-0002", "name": "Fan"})
    put(settings, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    put(settings, "erp.customers", {"customer_no": "C-0001", "crm_account_no": "A-0001", "name": "Acme"})


def _lead(settings: Settings) -> None:
    lead = {"lead_no": "L-1", "stage": "won", "won_amount": "300", "created_at": at("06-01 08:00")}
    put(settings, "crm.leads", lead | {"closed_at": at("06-01 12:00"), "qualified_at": at("06-01 10:00")})
    # Without a history of its stages.
    lead = {"lead_no": "L-2", "stage": "lost", "created_at": at("06-01 08:00")}
    put(settings, "crm.leads", lead | {"closed_at": at("06-02 08:00")})
    for number, stage in enumerate(("new", "engaged", "qualified", "engaged", "won")):
        entered = {"entered_at": at(f"06-01 {8 + number:02}:00"), "by_no": "E-0003"}
        put(
            settings,
            "crm.lead_stages",
            entered | {"lead_stage_no": f"L-1:{number + 1}", "lead_no": "L-1", "stage": stage},
        )
    done = {"employee_no": "E-0003", "subject": "-"}
    put(
        settings,
        "crm.activities",
        done | {"activity_no": "AC-1", "lead_no": "L-1", "kind": "call", "happened_at": at("06-01 09:30")},
        done | {"activity_no": "AC-2", "lead_no": "L-1", "kind": "call", "happened_at": at("06-01 10:30")},
        done
        | {"activity_no": "AC-3", "account_no": "A-0001", "kind": "mail", "happened_at": at("06-01 08:00")},
        done
        | {"activity_no": "AC-4", "account_no": "A-0001", "kind": "trip", "happened_at": at("06-10 08:00")}
        | {"request_no": "AR-4"},
    )


def _requests(settings: Settings) -> None:
    def request(no: str, kind: str, filed: str, decided: str, **more: str) -> None:
        times = {"requested_at": at(filed), "decided_at": at(decided)}
        row = {"request_no": no, "kind": kind, "status": "approved"}
        put(settings, "oa.approval_requests", row | times | more)

    def step(no: str, name: str, asked: str, decided: str, **more: str) -> None:
        request_no, _, sequence = no.partition(":")
        row = {"step_no": no, "request_no": request_no, "sequence": int(sequence), "step_name": name}
        times = {"asked_at": at(asked), "decided_at": at(decided)}
        put(settings, "oa.approval_steps", row | times | {"decision": "approved"} | more)

    # What order CO-1 waits for: the second step is asked when the first is decided.
    about = {"source_stream": "crm.orders", "source_key": "CO-1"}
    request("AR-1", "discount", "06-02 08:00", "06-03 09:00", **about)
    step("AR-1:1", "manager", "06-02 08:00", "06-02 10:00")
    step("AR-1:2", "finance", "06-02 10:00", "06-03 09:00", approver_no="E-0004")
    # A trip that was approved and cancelled two days later.
    request("AR-2", "trip", "06-03 07:00", "06-05 07:00", status="cancelled", lead_no="L-1")
    step("AR-2:1", "manager", "06-03 07:00", "06-03 08:00")
    # A form that went around on paper.
    request("AR-3", "expense", "06-03 08:00", "06-04 08:00", channel="paper")
    # A trip that was made.
    request("AR-4", "trip", "06-04 07:00", "06-04 09:00")
    step("AR-4:1", "manager", "06-04 07:00", "06-04 09:00")
    # Refused, and asked once more.
    request("AR-5", "purchase", "06-03 08:00", "06-03 11:00")
    step("AR-5:1", "manager", "06-03 08:00", "06-03 09:00", decision="refused")
    step("AR-5:2", "manager", "06-03 09:00", "06-03 11:00")
    # Three of one way: 1 h, 2 h, and Wednesday from nine to Thursday at nine in Madrid.
    for number, answered in enumerate(("06-10 08:00", "06-10 09:00", "06-11 07:00"), start=6):
        request(f"AR-{number}", "credit", "06-10 07:00", answered)
        step(f"AR-{number}:1", "manager", "06-10 07:00", answered)
    fund = {"employee_no": "E-0003", "kind": "trip", "amount": "200", "currency": "EUR"}
    put(
        settings,
        "erp.funds",
        fund
        | {"fund_no": "FU-2", "request_no": "AR-2", "status": "reversed", "booked_on": "2026-06-03"}
        | {"updated_at": at("06-05 07:00")},
        fund
        | {"fund_no": "FU-4", "request_no": "AR-4", "status": "booked", "booked_on": "2026-06-04"}
        | {"updated_at": at("06-04 10:00")},
    )
    day = {"employee_no": "E-0003", "kind": "business_trip", "hours": "8"}
    for on_date, request_no, status, changed in (
        ("2026-06-10", "AR-2", "cancelled", "06-05 07:00"),
        ("2026-06-11", "AR-2", "cancelled", "06-05 07:00"),
        ("2026-06-08", "AR-4", "planned", "06-04 10:00"),
        ("2026-06-09", "AR-4", "planned", "06-04 10:00"),
    ):
        put(
            settings,
            "oa.attendance",
            day
            | {"attendance_no": f"E-0003:{on_date}", "on_date": on_date, "status": status}
            | {"request_no": request_no, "updated_at": at(changed)},
        )


def _orders(settings: Settings) -> None:
    def order(no: str, day: str, **more: object) -> None:
        put(settings, "crm.orders", {"order_no": no, "ordered_at": at(day), "total_amount": "100"} | more)

    approved = {"approval_status": "approved", "approval_kind": "discount"}
    order("CO-1", "06-02 08:00", lead_no="L-1", fulfilment="shipped", **approved)
    order("CO-2", "06-02 09:00", lead_no="L-1", fulfilment="booked", updated_at=at("06-02 12:00"))
    order("CO-3", "06-02 10:00", status="cancelled", updated_at=at("06-04 10:00"))
    order("CO-4", "06-02 11:00", fulfilment="booked", updated_at=at("06-02 11:00"))

    def sold(no: str, day: str, **more: object) -> None:
        put(
            settings,
            "erp.sales_orders",
            {"sales_order_no": no, "ordered_at": at(day), "total_amount": "100"} | more,
        )

    sold(
        "SO-1", "06-02 08:00", crm_order_no="CO-1", status="shipped", payment_status="paid", paid_amount="100"
    )
    sold("SO-2", "06-02 09:00", crm_order_no="CO-2")
    sold("SO-4", "06-02 11:00", crm_order_no="CO-4", status="refused", updated_at=at("06-02 11:30"))
    # Keyed in by hand, and paid by a note from outside.
    sold("SO-9", "06-03 08:00", channel="paper")


def _deliveries(settings: Settings) -> None:
    def paid(no: str, order: str, day: str, channel: str) -> None:
        when = {"paid_on": f"2026-{day[:5]}", "recorded_at": at(day), "channel": channel}
        put(settings, "erp.payments", {"payment_no": no, "sales_order_no": order, "amount": "50"} | when)

    def shipped(no: str, instant: str) -> None:
        key = {"shipment_no": no, "sales_order_no": "SO-1", "release_key": no}
        times = {"status": "shipped", "requested_at": at("06-08 09:00"), "shipped_at": at(instant)}
        put(settings, "erp.shipments", key | times)

    for number, item in enumerate(("IT-0001", "IT-0002"), start=1):
        made = {"production_no": f"MO-{number}", "plan_key": f"SO-1:{item}", "sales_order_no": "SO-1"}
        work = {"item_no": item, "quantity": "1", "bom_level": number - 1, "status": "done"}
        days = {"starts_on": "2026-06-03", "due_on": "2026-06-05", "done_at": at(f"06-04 {7 + number:02}:00")}
        put(settings, "erp.production_orders", made | work | days)
    paid("PA-1", "SO-1", "06-05 08:00", "system")
    paid("PA-2", "SO-1", "06-08 08:00", "paper")
    paid("PA-9", "SO-9", "06-04 08:00", "paper")
    shipped("SH-1", "06-08 10:00")
    shipped("SH-2", "06-09 08:00")


def _reports_back(settings: Settings) -> None:
    """The hub wrote CO-2 when it was booked; CO-4 it only found as it should be, long after."""
    engine = sa.create_engine(settings.url("state"))
    state.METADATA.create_all(engine)
    link = {"flow": "orders", "step": "report_back", "prints": "", "source_stream": "erp.sales_orders"}
    with engine.begin() as connection:
        for number, written in (("2", "06-02 12:00"), ("4", "06-12 12:00")):
            connection.execute(
                state.links.insert(),
                link
                | {"source_key": f"SO-{number}", "target_key": f"CO-{number}", "target_stream": "crm.orders"}
                | {"written_at": at(written)},
            )
    engine.dispose()
