"""A published file about one company's approvals, small enough to count by hand; every other table is empty.

It is Wednesday, 25 November 2026, noon UTC. Ada leads, Ben manages Joe, Cy is finance, Hal is HR, Pia buys.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.describe import publication, tables

AS_OF = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
TODAY = AS_OF.date()
TYPES = (
    (r".*_at|valid_(from|to)|as_of", "timestamptz"),
    (r".*_on|on_date", "date"),
    (r"(is|was)_.*", "boolean"),
    (r"sequence|steps|refusals|days|.*_no_count|working_s.*", "bigint"),
    (r".*(amount|_h|_days|quantity|rate|price|hours)", "decimal(18,4)"),
)
"""The type of a column by its name, as docs/marts.md has them; whatever else there is, is text."""


def _type(name: str) -> str:
    return next((kind for pattern, kind in TYPES if re.fullmatch(pattern, name)), "varchar")


def build(path: Path, *, empty: bool = False) -> Path:
    """The file at ``path``; ``empty`` publishes before anybody asked for anything."""
    with duckdb.connect(str(path)) as database:
        database.execute("create schema core; create schema marts; set timezone = 'UTC'")
        for table in (*tables(), publication()):
            columns = ", ".join(f"{name} {_type(name)}" for name in table.columns)
            database.execute(f"create table {table.relation} ({columns})")
        _put(database, "marts.mart_publication", as_of=AS_OF, published_at=AS_OF)
        _people(database)
        if not empty:
            _decided(database)
            _waiting(database)
    return path


def _put(database: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    database.execute(
        f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", [*row.values()]
    )


def _people(database: duckdb.DuckDBPyConnection) -> None:
    for number, name, role, department, manager, substitute in (
        ("E-1", "Ada", "executive", "D-TOP", None, "E-3"),
        ("E-2", "Ben", "sales_manager", "D-SALES", "E-1", "E-3"),
        ("E-3", "Cy", "finance", "D-TOP", "E-1", "E-2"),
        ("E-4", "Joe", "sales", "D-SALES", "E-2", None),
        ("E-5", "Hal", "hr", "D-TOP", "E-1", None),
        ("E-6", "Pia", "staff", "D-BUY", "E-1", None),
    ):
        _put(
            database, "core.dim_employee", employee_no=number, name=name, role=role, is_current=True,
            department_no=department, department_name=department.title(), manager_no=manager,
            substitute_no=substitute, country="ES",
        )  # fmt: skip
    for n in range(70):
        day = TODAY + dt.timedelta(days=n)
        _put(
            database, "core.dim_date", country="ES", on_date=day, is_working_day=day.weekday() < 5,
            timezone="Europe/Madrid", is_default_country=True,
        )  # fmt: skip
    # Ben is off on Thursday and Friday, Cy, who would sign for Ben, on Thursday; a cancelled day is none.
    for person, day, kind, status in (
        ("E-2", dt.date(2026, 11, 26), "leave", "planned"),
        ("E-2", dt.date(2026, 11, 27), "sick", "planned"),
        ("E-2", dt.date(2026, 12, 2), "leave", "cancelled"),
        ("E-3", dt.date(2026, 11, 26), "leave", "planned"),
    ):
        _put(
            database, "core.fct_attendance", attendance_no=f"{person}:{day}", employee_no=person, on_date=day,
            kind=kind, status=status, is_working_day=True,
        )  # fmt: skip


def _decided(database: duckdb.DuckDBPyConnection) -> None:
    """Purchases that Ada decides, and finance from 5,000 on; one that was before the period; one trip."""
    for number, amount, days_ago, head, finance, status in (
        ("P-1", 1_000, 10, 4, None, "approved"),
        ("P-2", 6_000, 20, 2, 10, "approved"),
        ("P-3", 8_000, 30, 6, 30, "refused"),
        ("P-4", 20_000, 40, 8, 20, "approved"),
        ("P-5", 7_000, 200, 3, 9, "approved"),
    ):
        hours = head + (finance or 0)
        _request(database, number, "purchase", "E-6", amount, days_ago=days_ago, hours=hours, status=status)
        said = "approved" if finance else status
        _step(database, number, 1, "purchase", "head", "E-6", "E-1", days_ago=days_ago, hours=head, says=said)
        if finance:
            _step(
                database, number, 2, "purchase", "finance", "E-6", "E-3", days_ago=days_ago, hours=finance,
                says=status,
            )  # fmt: skip
    _request(database, "T-1", "trip", "E-4", 300, days_ago=5, hours=5, status="approved")
    _step(database, "T-1", 1, "trip", "manager", "E-4", "E-2", days_ago=5, hours=5, says="approved")


def _waiting(database: duckdb.DuckDBPyConnection) -> None:
    """Joe's trip and discount wait for Ben, Pia's expense for Ada."""
    for number, kind, asked, approver, amount, hours, open_h, order_no in (
        ("T-2", "trip", "E-4", "E-2", 500, 20, 48, None),
        ("D-1", "discount", "E-4", "E-2", 3_000, 8, 24, "CO-1"),
        ("X-1", "expense", "E-6", "E-1", 900, 2, 12, None),
    ):
        _request(
            database, number, kind, asked, amount, hours=hours, status="pending", open_h=open_h,
            pending_approver_no=approver, source_key=order_no, source_stream=order_no and "crm.orders",
        )  # fmt: skip
        _step(database, number, 1, kind, "manager", asked, approver, hours=hours, says="pending")
    _put(
        database, "core.fct_trip", request_no="T-2", employee_no="E-4", status="pending",
        starts_on=dt.date(2026, 12, 1),
    )  # fmt: skip
    _put(
        database, "core.fct_order", order_key="CO-1", order_no="CO-1", owner_no="E-4", amount=Decimal(3_000),
        approval_status="wanted", ordered_on=TODAY,
    )  # fmt: skip


def _request(
    database: duckdb.DuckDBPyConnection,
    number: str,
    kind: str,
    asked_by: str,
    amount: int,
    *,
    hours: int,
    status: str,
    days_ago: int | None = None,
    open_h: int = 48,
    **more: Any,
) -> None:
    """Decided ``days_ago`` after two days, or open for ``open_h``."""
    decided_at = None if days_ago is None else AS_OF - dt.timedelta(days=days_ago)
    departments: Mapping[str, str] = {"E-4": "D-SALES", "E-6": "D-BUY"}
    _put(
        database, "core.fct_approval", request_no=number, kind=kind, requester_no=asked_by, status=status,
        department_no=departments[asked_by], decided_at=decided_at, channel="system", working_h=hours,
        requested_at=(decided_at or AS_OF) - dt.timedelta(hours=open_h), elapsed_h=open_h, amount=amount,
        currency="EUR", **more,
    )  # fmt: skip


def _step(
    database: duckdb.DuckDBPyConnection, number: str, sequence: int, kind: str, *people: str, **more: Any
) -> None:
    """A step with a target of 16 hours: its name, who asked, whom; ``hours``, ``says``, ``days_ago``."""
    name, asked_by, approver = people
    hours, says, days_ago = more["hours"], more["says"], more.get("days_ago")
    decided_at = None if days_ago is None else AS_OF - dt.timedelta(days=days_ago)
    _put(
        database, "core.fct_approval_step", step_no=f"{number}:{sequence}", request_no=number,
        sequence=sequence, kind=kind, step_name=name, channel="system", requester_no=asked_by,
        approver_no=approver, decided_by_no=approver, is_substitute=False, decided_at=decided_at,
        asked_at=(decided_at or AS_OF) - dt.timedelta(hours=hours), decision=says,
        is_pending=says == "pending", working_h=hours, target_h=16, is_late=hours > 16,
    )  # fmt: skip
