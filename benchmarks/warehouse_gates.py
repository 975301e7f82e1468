"""How much of a build the gates take: a seeded company, its raw orders made many, every table made anew.

Seeded stores -> extract -> raw orders, lines, payments and shipments times ``TIMES`` -> core and marts, timed
-> every gate, timed; then once more with nothing changed. Great Expectations is imported before either.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import Any

TIMES = 25
GOAL = 0.25
ROUNDS = 3
# What a copy of an order carries: its own keys, and the keys by which its documents point at it.
KEYS = {
    "crm_orders": ("order_no",),
    "crm_order_lines": ("order_line_no", "order_no"),
    "erp_sales_orders": ("sales_order_no", "crm_order_no"),
    "erp_sales_order_lines": ("sales_order_line_no", "sales_order_no"),
    "erp_payments": ("payment_no", "sales_order_no"),
    "erp_shipments": ("shipment_no", "sales_order_no", "release_key"),
    "erp_receivables": ("receivable_no", "sales_order_no"),
}


def run() -> list[dict[str, Any]]:
    """Two rows: all gates beside the build they judge, and the same gates when nothing has changed."""
    from checks.gx import warm
    from settings import Settings

    warm()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        _seed(settings)
        orders = _multiply(settings)
        rounds = [_round(settings) for _ in range(ROUNDS)]
    best = min(rounds, key=lambda one: one["gates"] / one["build"])
    first = _row(f"gates of {orders:,} orders", orders, best["gates"], build=best["build"])
    idle = _row("the same gates, nothing changed since", orders, best["idle"], build=best["build"])
    return [first, idle]


def _row(name: str, rows: int, seconds: float, *, build: float) -> dict[str, Any]:
    ratio = seconds / build
    return {
        "name": name,
        "rows": rows,
        "seconds": seconds,
        "baseline": "core and marts made in full",
        "baseline_seconds": build,
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "met": ratio <= GOAL,
    }


def _seed(settings: Any) -> None:
    import sqlalchemy as sa

    import models
    from models import ddl
    from stores.seed import seed
    from warehouse.extract import extract

    (settings.home / "stores").mkdir()
    engines = {system: sa.create_engine(settings.url(system)) for system in models.SYSTEMS}
    for system, metadata in models.SYSTEMS.items():
        ddl.create(engines[system], metadata)
    seed(engines, as_of=dt.datetime.now(dt.UTC).date())
    for engine in engines.values():
        engine.dispose()
    extract(settings)


def _multiply(settings: Any) -> int:
    """Copies of every order with what follows it, in raw, and the sources' totals to match."""
    from warehouse.build_file import open_build, transaction

    with open_build(settings) as build, transaction(build):
        for table, keys in KEYS.items():
            copied = ", ".join(f'o."{key}" || \':\' || copies.n as "{key}"' for key in keys)
            build.execute(
                f"insert into raw.{table} by name select o.* replace ({copied}) from raw.{table} o,"
                f" range(1, {TIMES}) copies(n)"
            )
            stream = table.replace("_", ".", 1)
            build.execute(f"update raw.source_totals set total = total * {TIMES} where stream = '{stream}'")
        row = build.execute("select count(*) from raw.crm_orders").fetchone()
    assert row is not None
    return int(row[0])


def _round(settings: Any) -> dict[str, float]:
    from warehouse import runner
    from warehouse.build_file import open_build
    from warehouse.gates import judge

    times = {}
    with open_build(settings) as build:
        build.execute("delete from quality.built")
        started = time.perf_counter()
        runner.build(build, "staging", "core")
        runner.build(build, "marts")
        times["build"] = time.perf_counter() - started
        for name, again in (("gates", True), ("idle", False)):
            started = time.perf_counter()
            judge(build, again=again)
            times[name] = time.perf_counter() - started
    return times


if __name__ == "__main__":
    for line in run():
        print(line)
