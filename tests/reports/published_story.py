"""A published file with one whole story from a lead to its money, and what stands still beside it.

It is Wednesday, 25 November 2026, noon UTC; the company works from eight to four on weekdays. Ben manages
Joe, Tess is in no team, Hal is of People. CO-1 came from a lead, with a trip; CO-2 is paid, on paper, and not
shipped; CO-3 is Tess's and not in the ERP yet.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from tests.reports.published_outlook import AS_OF, TABLES, TODAY, put

PEOPLE = (("E-1", "Ada", "executive", None), ("E-2", "Ben", "sales_manager", "E-1"),
          ("E-4", "Joe", "sales", "E-2"), ("E-5", "Tess", "sales", "E-1"),
          ("E-7", "Hal", "hr", "E-1"))  # fmt: skip
ORDERS = (
    # number, ERP number, lead, customer, owner, amount, ordered, booked, paid, shipped, state
    ("CO-1", "SO-1", "L-1", "A-1", "E-4", 1000, 10, 10, 16, 18, "shipped"),
    ("CO-2", "SO-2", None, "A-1", "E-4", 500, 2, 2, 20, None, "paid"),
    ("CO-3", None, None, "A-2", "E-5", 300, 24, None, None, None, "confirmed"),
)
GAPS = (
    # kind, from, to, stream, number, customer, amount, age, owner, action, hours
    ("paid_not_shipped", "erp", "erp", "erp.sales_orders", "SO-2", "A-1", 500, 3, "E-4", "Ship it", None),
    ("done_on_paper", "paper", "erp", "erp.payments", "PA-2", "A-1", 500, 4, "E-4",
     "Record payments in the ERP on the day they arrive", 48),
    ("approved_not_booked", "crm", "erp", "crm.orders", "CO-3", "A-2", 300, 1, "E-5",
     "Book it in the ERP", None),
)  # fmt: skip
GAP_RECORDS = (
    ("SO-2", "erp.sales_orders", "SO-2", "sales order"),
    ("SO-2", "crm.orders", "CO-2", "order"),
    ("PA-2", "erp.payments", "PA-2", "payment"),
    ("CO-3", "crm.orders", "CO-3", "order"),
)
EVENTS = (
    # event, day, kind, activity, system, channel, who, objects with the event's place there
    ("L-1:created", 3, "lead created", "lead created", "crm", "system", "E-4", "order CO-1 1, lead L-1 1"),
    ("AR-1:filed", 4, "request filed", "request filed", "oa", "system", "E-4", "lead L-1 2, request AR-1 1"),
    ("AR-1:1:decided", 5, "approval decided", "manager approved", "oa", "system", "E-2",
     "lead L-1 3, request AR-1 2"),
    ("FU-1:funded", 5, "funds booked", "funds booked", "erp", "system", None, "request AR-1 3"),
    ("L-1:won", 10, "lead won", "lead won", "crm", "system", "E-4", "order CO-1 2, lead L-1 4"),
    ("CO-1:ordered", 10, "order confirmed", "order confirmed", "crm", "system", "E-4", "order CO-1 3"),
    ("SO-1:booked", 10, "order booked", "order booked", "erp", "system", None, "order CO-1 4"),
    ("PA-1:recorded", 16, "payment recorded", "payment recorded", "erp", "system", "E-1",
     "order CO-1 5, payment PA-1 1"),
    ("SH-1:shipped", 18, "goods shipped", "goods shipped", "erp", "system", None,
     "order CO-1 6, shipment SH-1 1"),
    ("CO-2:ordered", 2, "order confirmed", "order confirmed", "crm", "system", "E-4", "order CO-2 1"),
    ("SO-2:booked", 2, "order booked", "order booked", "erp", "system", None, "order CO-2 2"),
    ("PA-2:recorded", 20, "payment recorded", "payment recorded", "erp", "paper", "E-1",
     "order CO-2 3, payment PA-2 1"),
    ("CO-3:ordered", 24, "order confirmed", "order confirmed", "crm", "system", "E-5", "order CO-3 1"),
)  # fmt: skip


def at(day: int | None) -> dt.datetime | None:
    """Nine o'clock of a day of November."""
    return dt.datetime(2026, 11, day, 9, tzinfo=dt.UTC) if day else None


def build(path: Path, *, empty: bool = False) -> Path:
    """The file at ``path``; ``empty`` publishes before anything happened."""
    with duckdb.connect(str(path)) as database:
        database.execute("create schema core; create schema marts; set timezone = 'UTC'")
        database.execute(TABLES.read_text("utf-8"))
        put(database, "marts.mart_publication", as_of=AS_OF, published_at=AS_OF)
        _days(database)
        if not empty:
            _people(database)
            _orders(database)
            _trip(database)
            _gaps(database)
            _events(database)
    return path


def _days(database: duckdb.DuckDBPyConnection) -> None:
    worked = 0
    for n in range(30):
        on = TODAY - dt.timedelta(days=24 - n)
        opens = dt.datetime.combine(on, dt.time(8), dt.UTC) if on.weekday() < 5 else None
        put(
            database, "core.dim_date", country="--", on_date=on, timezone="Europe/Madrid",
            is_default_country=True, is_working_day=opens is not None, opens_at=opens,
            working_s=8 * 3600 if opens else 0, working_s_before=worked,
        )  # fmt: skip
        worked += 8 * 3600 if opens else 0


def _people(database: duckdb.DuckDBPyConnection) -> None:
    for number, name, role, manager in PEOPLE:
        put(database, "core.dim_employee", employee_no=number, name=name, role=role, manager_no=manager,
            department_no="D-1", department_name="Sales", is_current=True)  # fmt: skip
    for number, name, owner in (("A-1", "Steady Ltd", "E-4"), ("A-2", "Other Ltd", "E-5")):
        put(database, "core.dim_customer", account_no=number, name=name, owner_no=owner, is_current=True)
        put(database, "marts.mart_customer_value", account_no=number, account_name=name, owner_no=owner,
            segment="active", revenue_12m_amount=1500)  # fmt: skip
    put(database, "core.dim_item", item_no="IT-1", name="Pump", kind="finished", is_current=True)
    for number, account, owner, stage, closed, proposal, amount in (
        ("L-1", "A-1", "E-4", "won", 10, False, 1000), ("L-2", "A-2", "E-5", "lost", 20, True, 4000),
    ):  # fmt: skip
        put(database, "core.fct_lead", lead_no=number, account_no=account, owner_no=owner, stage=stage,
            company_name="Steady Ltd" if account == "A-1" else "Other Ltd", is_closed=True,
            is_won=stage == "won", created_at=at(3), created_on=dt.date(2026, 11, 3), closed_at=at(closed),
            was_engaged=True, was_qualified=True, was_proposal=proposal, expected_amount=amount)  # fmt: skip


def _orders(database: duckdb.DuckDBPyConnection) -> None:
    for number, sales, lead, account, owner, amount, ordered, booked, paid, shipped, state in ORDERS:
        same = {
            "order_key": number, "order_no": number, "sales_order_no": sales, "lead_no": lead,
            "account_no": account, "owner_no": owner, "amount": amount, "state": state, "channel": "system",
            "is_revenue": True, "ordered_at": at(ordered), "booked_at": at(booked), "paid_at": at(paid),
            "shipped_at": at(shipped),
        }  # fmt: skip
        put(database, "core.fct_order", **same, ordered_on=dt.date(2026, 11, ordered), open_amount=0)
        put(
            database, "marts.mart_lead_to_cash", **same, lead_at=at(3) if lead else None,
            account_name="Steady Ltd" if account == "A-1" else "Other Ltd",
            owner_name="Joe" if owner == "E-4" else "Tess", trip_cost_amount=200 if lead else 0,
        )  # fmt: skip
        put(database, "core.fct_order_line", order_line_no=f"{number}:1", order_key=number, line_no=1,
            item_no="IT-1", quantity=2, amount=amount, source_system="crm")  # fmt: skip
    for number, order, day, channel, amount in (
        ("PA-1", "CO-1", 16, "system", 1000), ("PA-2", "CO-2", 20, "paper", 500),
    ):  # fmt: skip
        put(database, "core.fct_payment", payment_no=number, order_key=order, account_no="A-1", amount=amount,
            paid_on=dt.date(2026, 11, day - 1), recorded_at=at(day), recorded_by_no="E-1",
            channel=channel)  # fmt: skip
    put(database, "core.fct_shipment", shipment_no="SH-1", order_key="CO-1", account_no="A-1",
        status="shipped", requested_at=at(17), shipped_at=at(18), quantity=2)  # fmt: skip


def _trip(database: duckdb.DuckDBPyConnection) -> None:
    put(database, "core.fct_approval", request_no="AR-1", kind="trip", requester_no="E-4", lead_no="L-1",
        status="approved", channel="system", requested_at=at(4), decided_at=at(5), elapsed_h=24, working_h=8,
        amount=200)  # fmt: skip
    put(database, "core.fct_approval_step", step_no="AR-1:1", request_no="AR-1", sequence=1, kind="trip",
        step_name="manager", channel="system", requester_no="E-4", approver_no="E-2", decided_by_no="E-2",
        asked_at=at(4), decided_at=at(5), decision="approved", is_pending=False, working_h=8)  # fmt: skip
    put(database, "core.fct_fund", fund_no="FU-1", request_no="AR-1", status="booked", amount=200,
        booked_on=dt.date(2026, 11, 5))  # fmt: skip
    put(database, "core.fct_attendance", attendance_no="E-4:09", employee_no="E-4", kind="business_trip",
        on_date=dt.date(2026, 11, 9), hours=8, status="actual", request_no="AR-1")  # fmt: skip


def _gaps(database: duckdb.DuckDBPyConnection) -> None:
    keys = {}
    names = {number: name for number, name, *_ in PEOPLE}
    for kind, one, other, stream, number, account, amount, age, owner, action, hours in GAPS:
        keys[number] = f"{kind}:{stream}:{number}"
        put(
            database, "marts.mart_handoff_gaps", gap_key=keys[number], kind=kind, from_system=one,
            to_system=other, document_stream=stream, document_no=number, account_no=account, amount=amount,
            party_name="Steady Ltd" if account == "A-1" else "Other Ltd", since_at=at(20), age_days=age,
            age_working_days=age, owner_no=owner, owner_name=names[owner], next_action=action,
            circulation_hours=hours, system_median_hours=10 if hours else None,
        )  # fmt: skip
    for number, stream, key, role in GAP_RECORDS:
        put(database, "marts.mart_gap_record", gap_key=keys[number], stream=stream, record_key=key, role=role,
            system=stream.split(".")[0], happened_at=at(20))  # fmt: skip
    put(database, "marts.mart_metric", metric="stuck_in_gaps", value=800, unit="EUR")


def _events(database: duckdb.DuckDBPyConnection) -> None:
    names = {number: name for number, name, *_ in PEOPLE}
    for event, day, kind, activity, system, channel, who, objects in EVENTS:
        for each in objects.split(", "):
            of, number, sequence = each.split()
            put(
                database, "core.fct_process_event", event_no=event, object_type=of, object_no=number,
                sequence=int(sequence), kind=kind, activity=activity, happened_at=at(day), system=system,
                channel=channel, actor_no=who, actor=names.get(who or ""), occurrence=1, is_rework=False,
                elapsed_h=0, working_h=0,
            )  # fmt: skip
