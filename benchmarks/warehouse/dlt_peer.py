"""Loads tables with dlt into a DuckDB file, in a virtual environment of its own: the peer of our extract.

Reads one JSON document (what, where from, where to) from standard input and writes one: seconds and rows. The
imports are not in the seconds. Its first run only appends, which is faster than merging into nothing. Run by
``benchmarks.warehouse.peer``; the product never imports dlt.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

# Nothing is told to anybody, and no progress is drawn.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
# Its fastest way through the columns: no look at each value, files of columns, both cores.
os.environ["NORMALIZE__WORKERS"] = os.environ["LOAD__WORKERS"] = str(os.cpu_count() or 1)


def load(task: dict[str, Any]) -> dict[str, Any]:
    """Bring the tables of ``task`` to the file; seconds without imports, rows in the file by table."""
    import dlt
    import duckdb
    from dlt.sources.sql_database import sql_table

    started = time.perf_counter()
    resources = []
    for table in task["tables"]:
        resource = sql_table(
            table["url"],
            table=table["table"],
            backend="connectorx",
            incremental=dlt.sources.incremental("updated_at"),
            primary_key=table["key"],
            write_disposition=task["write"],
        )
        resources.append(resource)
    pipeline = dlt.pipeline(
        pipeline_name="peer",
        pipelines_dir=task["home"],
        destination=dlt.destinations.duckdb(task["file"]),
        dataset_name="raw",
    )
    pipeline.run(resources)
    seconds = time.perf_counter() - started
    with duckdb.connect(task["file"], read_only=True) as file:
        counts = {
            table["table"]: file.execute(f"select count(*) from raw.{table['table']}").fetchall()[0][0]
            for table in task["tables"]
        }
    return {"seconds": seconds, "rows": counts}


if __name__ == "__main__":
    json.dump(load(json.load(sys.stdin)), sys.stdout)
