"""How fast orders move: the hub's whole way beside a raw copy and beside a loop over single records.

PostgreSQL (CRM) → MariaDB (ERP), 100,000 orders with three lines each. The raw copy reads the same rows and
writes them with multi-row upserts: no check, no comparison, no link, no count. The loop is what is often
written first: for each order a look whether it is there, its inserts, a commit, over one connection.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from benchmarks.data.databases import database, engine
from benchmarks.data.orders import booked, booked_line, fill
from flows.orders import ORDERS
from hub.desk import open_desk
from hub.run import run_step
from models import crm, erp
from settings import Settings

ORDERS_MOVED, LOOPED, BATCH = 100_000, 500, 2_000
GOAL_PER_SECOND, GOAL_OF_RAW, GOAL_OF_LOOP = 5_000, 0.4, 20.0


def run() -> list[dict[str, Any]]:
    """Three rows: orders a second, beside the raw copy, beside the loop."""
    with database("postgresql") as crm_url, database("mariadb") as erp_url:
        fill(crm_url, erp_url, orders=ORDERS_MOVED)
        loop = _loop(crm_url, erp_url)
        raw = _raw_copy(crm_url, erp_url)
        hub, again = _through_the_hub(crm_url, erp_url)
    name = "orders PostgreSQL → MariaDB"
    speed, raw_speed, loop_speed = ORDERS_MOVED / hub, ORDERS_MOVED / raw, LOOPED / loop
    return [
        _row(f"{name}, orders a second", hub, "goal", ORDERS_MOVED / GOAL_PER_SECOND, ratio=speed,
             goal=GOAL_PER_SECOND),
        _row(f"{name}, speed beside a raw copy", hub, "raw read and bulk upsert", raw,
             ratio=speed / raw_speed, goal=GOAL_OF_RAW),
        _row(f"{name}, speed beside a loop", hub, f"loop over {LOOPED} records", loop,
             ratio=speed / loop_speed, goal=GOAL_OF_LOOP),
        _row("the same orders read again, nothing to write", again, "raw read and bulk upsert", raw,
             ratio=raw / again, goal=None),
    ]  # fmt: skip


def _row(
    name: str, seconds: float, baseline: str, baseline_seconds: float, *, ratio: float, goal: float | None
) -> dict[str, Any]:
    return {
        "name": name,
        "rows": ORDERS_MOVED,
        "seconds": round(seconds, 2),
        "baseline": baseline,
        "baseline_seconds": round(baseline_seconds, 2),
        "ratio": round(ratio, 2),
        "goal": goal,
        "met": None if goal is None else ratio >= goal,
    }


def _loop(crm_url: str, erp_url: str) -> float:
    """Seconds for the first orders, one after the other; taken away again."""
    with engine(crm_url) as source, engine(erp_url) as target:
        query = sa.select(crm.orders).order_by(crm.orders.c.order_no).limit(LOOPED)
        started = time.perf_counter()
        with source.connect() as reading, target.connect() as writing:
            for order in reading.execute(query).mappings().all():
                lines = reading.execute(
                    sa.select(crm.order_lines).where(crm.order_lines.c.order_no == order["order_no"])
                ).mappings()
                there = sa.select(erp.sales_orders).where(
                    erp.sales_orders.c.crm_order_no == order["order_no"]
                )
                if writing.execute(there).first() is None:
                    writing.execute(erp.sales_orders.insert().values(booked(order)))
                    for line in lines:
                        writing.execute(erp.sales_order_lines.insert().values(booked_line(line)))
                writing.commit()
        seconds = time.perf_counter() - started
        _empty(target)
    return seconds


def _raw_copy(crm_url: str, erp_url: str) -> float:
    """Seconds to read the orders with their lines and upsert them in bulk; the copy is taken away again."""
    with engine(crm_url) as source, engine(erp_url) as target:
        started = time.perf_counter()
        with source.connect() as connection:
            orders = connection.execute(sa.select(crm.orders)).mappings().all()
            lines = connection.execute(sa.select(crm.order_lines)).mappings().all()
        with target.begin() as connection:
            _upsert(connection, erp.sales_orders, [booked(order) for order in orders])
            _upsert(connection, erp.sales_order_lines, [booked_line(line) for line in lines])
        seconds = time.perf_counter() - started
        _empty(target)
    return seconds


def _upsert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    insert = mysql.insert(table)
    statement = insert.on_duplicate_key_update({name: insert.inserted[name] for name in rows[0]})
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, rows[start : start + BATCH])


def _empty(target: sa.Engine) -> None:
    with target.begin() as connection:
        connection.execute(erp.sales_order_lines.delete())
        connection.execute(erp.sales_orders.delete())


def _through_the_hub(crm_url: str, erp_url: str) -> tuple[float, float]:
    """Seconds of the first run, and of one that reads it all again and finds nothing to write."""
    import great_expectations  # noqa: F401  (its six seconds of import are not the flow's)

    found = []
    with tempfile.TemporaryDirectory() as home:
        for state in ("first", "again"):
            settings = Settings(home=Path(home) / state, crm_url=crm_url, erp_url=erp_url)
            with open_desk(settings) as desk:
                started = time.perf_counter()
                report = run_step(desk, ORDERS, step=ORDERS.steps[0])
                found.append(time.perf_counter() - started)
            if report.read != ORDERS_MOVED or report.written != (ORDERS_MOVED if state == "first" else 0):
                raise AssertionError(f"the flow read {report.read} orders and wrote {report.written}")
    return found[0], found[1]
