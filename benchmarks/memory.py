"""How much memory a run takes beside its backlog: 20,000 orders with lines, and ten times as many.

Each in a process of its own, PostgreSQL (CRM) → MariaDB (ERP); what counts is the peak over the same process
idle, with everything imported and the databases asked once.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.data.databases import database
from benchmarks.data.orders import fill

SMALL, LARGE, GOAL_MIB = 20_000, 200_000, 150.0


def run() -> list[dict[str, Any]]:
    """One row: MiB over idle for the large backlog beside the small one."""
    small, large = (_measure(orders) for orders in (SMALL, LARGE))
    return [
        {
            "name": f"memory over idle, backlog of {LARGE:,} orders, MiB",
            "rows": LARGE,
            "seconds": large["seconds"],
            "baseline": f"backlog of {SMALL:,}",
            "baseline_seconds": small["seconds"],
            "mib": round(large["mib"]),
            "baseline_mib": round(small["mib"]),
            "ratio": round(large["mib"] / max(1.0, small["mib"]), 2),
            "goal": GOAL_MIB,
            "met": large["mib"] <= GOAL_MIB,
        }
    ]


def _measure(orders: int) -> dict[str, float]:
    with database("postgresql") as crm_url, database("mariadb") as erp_url:
        fill(crm_url, erp_url, orders=orders)
        command = [sys.executable, "-m", "benchmarks.memory", crm_url, erp_url]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _move(crm_url: str, erp_url: str) -> dict[str, float]:
    """Book the orders here; peak MiB over idle and seconds."""
    from checks.gx import warm
    from flows.customers import CUSTOMERS
    from flows.orders import ORDERS
    from hub.desk import open_desk
    from hub.run import run_step
    from settings import Settings

    warm()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), crm_url=crm_url, erp_url=erp_url)
        with open_desk(settings) as desk:
            run_step(desk, CUSTOMERS, step=CUSTOMERS.steps[0])
            idle = _peak_mib()
            report = run_step(desk, ORDERS, step=ORDERS.steps[0])
    return {"mib": _peak_mib() - idle, "seconds": report.seconds}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(_move(*sys.argv[1:3])))
