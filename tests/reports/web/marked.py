"""A published file in which every row says whose it is, and the same file without some of it.

``published.ddl`` has the tables as they are; each owner has rows of every table that belongs to people, with
a mark of that owner in every name and number. Foreign amounts and counts are of a size that own ones never
reach.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.reports.web.marked_codes import CODES, PREFIXES
from warehouse.describe import is_money, publication, tables

AS_OF = dt.datetime(2026, 11, 20, 6, 30, tzinfo=dt.UTC)
TODAY = AS_OF.date()
EACH = 7
"""Rows an owner has of a table: one of each stage of an order, or of whatever else comes in stages."""
BIG = 77_000_000
"""Whatever is as large as this is foreign."""
EVERYBODY = "QZALL"
TIME, YEARS_H = ("_h", "hours", "days", "_s", "seconds"), 7_700
"""A time is no longer than a document can have waited: times money it must still be a number."""

PEOPLE: Mapping[str, tuple[str, str, str | None]] = {
    "QZJOE": ("E-0001", "sales", "E-0003"),
    "QZTES": ("E-0002", "sales", "E-0003"),
    "QZMAX": ("E-0003", "sales_manager", "E-0008"),
    "QZFIA": ("E-0004", "sales", "E-0005"),
    "QZGUS": ("E-0005", "sales_manager", "E-0008"),
    "QZSTN": ("E-0006", "staff", "E-0008"),
    "QZHRA": ("E-0007", "hr", "E-0008"),
    "QZEXE": ("E-0008", "executive", None),
    "QZFIN": ("E-0009", "finance", "E-0008"),
    "QZPRO": ("E-0010", "production", "E-0008"),
}
"""Each person's number, role and manager, by the mark of what is theirs."""
OWNERS = ("QZJOE", "QZTES", "QZMAX", "QZFIA", "QZGUS", "QZSTN")
FOREIGN = ("QZFIA", "QZGUS")

SHARED = frozenset({"core.dim_date", "core.dim_item", "core.fct_hub_run", "marts.mart_data_health"})
COMPANY = frozenset(
    f"{schema}.{name}"
    for schema, names in {
        "core": "dim_exchange_rate dim_supplier fct_demand_plan fct_hub_link fct_purchase fct_quarantine"
        " fct_reconciliation fct_stock_daily",
        "marts": "mart_cash mart_check mart_check_history mart_circulation mart_demand_plan mart_forecast"
        " mart_handover mart_metric mart_metric_source mart_process_variant mart_rework mart_sales"
        " mart_supply",
    }.items()
    for name in names.split()
)
"""Tables about the whole company, which belong to nobody."""
PERSON = frozenset(
    {"employee_no", "owner_no", "requester_no", "approver_no", "acting_no", "decided_by_no", "recorded_by_no"}
    | {"pending_approver_no", "actor_no", "previous_actor_no", "from_actor_no", "to_actor_no"}
)
OFTEN_NULL = frozenset(
    {"valid_to", "merged_into", "left_on", "decided_at", "closed_at", "qualified_at", "shipped_at", "paid_at"}
    | {"settled_on", "received_on", "finished_at", "resolved_at", "done_at", "acting_no"}
)

GRAINS = {one.relation: one.grain for one in (*tables(), publication())}


@dataclass(frozen=True)
class World:
    """What is told: whose rows, whether the company's own, at which prices, and how people were away."""

    owners: tuple[str, ...] = OWNERS
    company: bool = True
    prices: int = 1
    away: tuple[str, ...] = ("leave", "sick", "business_trip")
    attendance: bool = True
    past: bool = True
    hired: dt.date = dt.date(2020, 3, 2)


def build(path: Path, world: World) -> Path:
    """The published file of a world at ``path``."""
    with duckdb.connect(str(path)) as database:
        database.execute("set timezone = 'UTC'; create schema core; create schema marts")
        database.execute(Path(__file__).with_name("published.ddl").read_text("utf-8"))
        for table, columns in columns_of(database).items():
            grain = GRAINS[table]
            told = (dict(zip(columns, row, strict=True)) for row in _rows(world, table, columns))
            rows = list({tuple(row[name] for name in grain): row for row in told}.values())
            if rows:
                database.register("told", pa.Table.from_pylist(rows))
                database.execute(f"insert into {table} select * from told")
    return path


def columns_of(database: duckdb.DuckDBPyConnection) -> Mapping[str, Mapping[str, str]]:
    """The published tables' columns with their types, in order."""
    found: dict[str, dict[str, str]] = {}
    for schema, table, column, kind in database.execute(
        """select schema_name, table_name, column_name, data_type from duckdb_columns()
        where schema_name in ('core', 'marts') order by schema_name, table_name, column_index"""
    ).fetchall():
        found.setdefault(f"{schema}.{table}", {})[column] = kind
    return found


def _rows(world: World, table: str, columns: Mapping[str, str]) -> Iterator[Sequence[Any]]:
    if table == "marts.mart_publication":
        yield AS_OF, AS_OF, "marked", []
    elif table == "core.dim_employee":
        yield from (_person(world, mark) for mark in PEOPLE)
    elif table == "core.dim_date":
        yield from (_day(country, n) for country in ("ES", "--") for n in range(-400, 120))
    elif table in SHARED or table in COMPANY:
        if world.company or table in SHARED:
            yield from (_row(world, table, columns, mark=EVERYBODY, n=n) for n in range(EACH))
    else:
        away = table == "core.fct_attendance"
        for mark in world.owners:
            for n in range(EACH if not away or world.attendance else 0):
                if not away or world.past or n % 2:
                    yield _row(world, table, columns, mark=mark, n=n)


def _row(world: World, table: str, columns: Mapping[str, str], *, mark: str, n: int) -> Sequence[Any]:
    return [_cell(world, table, name, kind, mark=mark, n=n) for name, kind in columns.items()]


def _cell(world: World, table: str, name: str, kind: str, *, mark: str, n: int) -> Any:  # noqa: PLR0911
    if name in OFTEN_NULL and n % 3 == 2:
        return None
    if table == "core.fct_attendance" and name == "kind":
        return world.away[n % len(world.away)]
    if table == "core.fct_attendance" and name == "on_date":
        return TODAY + dt.timedelta(days=n if n % 2 else -n - 1)
    codes = CODES.get(f"{table}.{name}") or CODES.get(name)
    if codes:
        return codes[n % len(codes)]
    if name in PERSON:
        return PEOPLE[mark][0] if mark in PEOPLE else None
    if kind in ("TIMESTAMP WITH TIME ZONE", "DATE"):
        return _when(name, kind, n)
    if kind == "BOOLEAN":
        return name in ("is_current", "is_revenue", "is_active", "is_working_day") or n % 2 == 0
    if kind == "VARCHAR":
        return _text(name, mark=mark, n=n)
    return _number(world, table, name, kind, mark=mark, n=n)


def _text(name: str, *, mark: str, n: int) -> str:
    if name == "object_no":
        prefix = PREFIXES[("order_key", "lead_no", "request_no", "account_no")[n % 4]]
        return f"{prefix}-{mark}-{n}"
    if name in PREFIXES or name.endswith(("_no", "_key")):
        shared = {"item_no", "department_no", "supplier_no", "campaign_no"}
        return f"{PREFIXES.get(name, 'X')}-{EVERYBODY if name in shared else mark}-{n}"
    return f"{name} {mark}"


def _number(world: World, table: str, name: str, kind: str, *, mark: str, n: int) -> Decimal | int:
    if name.endswith(("rate", "share", "_of_year")):
        return Decimal("0.25")
    if name.endswith("_order") or name in ("sequence", "line_no", "bom_level", "occurrence", "variant_no"):
        return n + 1
    base = BIG if mark in FOREIGN or (mark == EVERYBODY and table in COMPANY) else 10
    if name.endswith(TIME):
        base = min(base, YEARS_H)
    value = (base + n) * (world.prices if is_money(table, name) else 1)
    if table == "core.fct_attendance":
        value = len(world.away)
    return value if kind in ("BIGINT", "INTEGER") else Decimal(value) + Decimal("0.25")


def _when(name: str, kind: str, n: int) -> Any:
    ahead = name in ("due_on", "promised_on", "requested_on", "expected_on", "runs_out_on")
    on = TODAY + dt.timedelta(days=5 * n - 10 if ahead else -(9 * n + 2))
    if name == "valid_from":
        on = dt.date(1900, 1, 1)
    if name in ("month_on", "period_on"):
        on = on.replace(day=1)
    if name == "week_on":
        on -= dt.timedelta(days=on.weekday())
    return on if kind == "DATE" else dt.datetime.combine(on, dt.time(9), dt.UTC)


def _person(world: World, mark: str) -> Sequence[Any]:
    number, role, manager = PEOPLE[mark]
    since = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
    place = ("ES", "Europe/Madrid") if world.hired.year == 2020 else ("PT", "Europe/Lisbon")
    name = f"Person {number}"
    return (number, since, None, True, name, "Specialist", role, "D-QZALL-0", "Sales", manager, None, *place,
            world.hired, None)  # fmt: skip


def _day(country: str, n: int) -> Sequence[Any]:
    on = TODAY + dt.timedelta(days=n)
    at = dt.datetime.combine(on, dt.time(8), dt.UTC)
    works, before = on.weekday() < 5, (n + 400) * 5 // 7
    ends = at + dt.timedelta(hours=8)
    week, part = on - dt.timedelta(days=on.weekday()), "full" if works else "none"
    named = (country, on, on.year, on.replace(day=1), week, on.isoweekday(), works, None, part)
    hours = (at if works else None, ends if works else None, 28800 * works, before * 28800, before)
    return (*named, "Europe/Madrid", country == "--", *hours)
