"""How fast rows come from PostgreSQL into the build file: beside the plainest way, and beside dlt.

Four million rows over five streams. The floor reads the same columns with ADBC and makes tables of them in a
DuckDB file with exact casts: no marks, no totals, no history; once as it is, once with numbers as text from
the source, which is faster and what our extract asks for. dlt uses its fastest backend. Then some rows
change, spread over all there are, and are read; the same number among a tenth of the rows shows whether
that costs what changed or what there is. What is repeated is told by its median.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import models
from benchmarks.data.databases import database
from benchmarks.data.warehouse import SHARES, change, fill
from benchmarks.warehouse.peer import Peer
from models.types import Exact
from settings import Settings
from warehouse.extract import extract
from warehouse.origin import duckdb_type

ROWS, CHANGED, TIMES = 4_000_000, 40_000, 3
GOAL_FLOOR, GOAL_PEER, GOAL_PEER_CHANGED, GOAL_GROWTH = 1.3, 3.0, 0.5, 1.5


def run(
    *, rows: int = ROWS, changed: int = CHANGED, times: int = TIMES, peer: bool = True
) -> list[dict[str, Any]]:
    """The first load beside the floors and beside dlt, a change beside dlt, and how it grows."""
    tenth = rows // 10
    took: dict[str, list[float]] = defaultdict(list)
    with _filled(rows) as urls, _filled(tenth) as few, tempfile.TemporaryDirectory() as folder:
        home, why = Path(folder), "" if peer else "not asked for"
        # All of one round under the same load of the machine.
        for number in range(times):
            took["floor"].append(_floor(urls, home / f"floor-{number}.duckdb", texts=False))
            took["first"].append(_extract(urls, home / f"first-{number}", read=rows))
            took["texts"].append(_floor(urls, home / f"texts-{number}.duckdb", texts=True))
            dlt = Peer(home / f"dlt-{number}", urls, why)
            if (seconds := dlt.load("append", rows=rows)) is not None:
                took["dlt first"].append(seconds)
        _extract(few, home / "tenth", read=tenth)
        for hour in range(1, times + 1):
            change(urls, rows=rows, changed=changed, hour=hour)
            change(few, rows=tenth, changed=changed, hour=hour)
            took["change"].append(_extract(urls, home / f"first-{times - 1}", read=changed))
            took["tenth"].append(_extract(few, home / "tenth", read=changed))
            if (seconds := dlt.load("merge", rows=rows)) is not None:
                took["dlt change"].append(seconds)
    name, some = f"extract and land {rows:,} rows", f"extract {changed:,} changed among {rows:,}"
    first, changes = took["first"], took["change"]
    return [
        _row(name, rows, first, baseline="ADBC floor", there=took["floor"], goal=GOAL_FLOOR),
        _row(name, rows, first, baseline="ADBC floor, numbers as text", there=took["texts"], goal=None),
        _row(name, rows, first, baseline=dlt.name, there=took["dlt first"], goal=GOAL_PEER, faster=True),
        _row(some, changed, changes, baseline=dlt.name, there=took["dlt change"], goal=GOAL_PEER_CHANGED),
        _row(some, changed, changes, baseline=f"the same among {tenth:,}", there=took["tenth"],
             goal=GOAL_GROWTH),
    ]  # fmt: skip


def _row(
    name: str,
    rows: int,
    seconds: list[float],
    *,
    baseline: str,
    there: list[float],
    goal: float | None,
    faster: bool = False,
) -> dict[str, Any]:
    """``faster``: the ratio is how many times faster than the baseline, else its part of that time.

    It is the median of the rounds' ratios: the load of the machine may differ from round to round.
    """
    ratio = None
    if there:
        pairs = [(b / a if faster else a / b) for a, b in zip(seconds, there, strict=True)]
        ratio = round(statistics.median(pairs), 2)
    return {
        "name": name,
        "rows": rows,
        "seconds": round(statistics.median(seconds), 2),
        "baseline": baseline,
        "baseline_seconds": round(statistics.median(there), 2) if there else None,
        "ratio": ratio,
        "goal": goal,
        "met": None if ratio is None or goal is None else (ratio >= goal if faster else ratio <= goal),
    }


@contextmanager
def _filled(rows: int) -> Iterator[dict[str, str]]:
    with database("postgresql") as crm_url, database("postgresql") as erp_url:
        urls = {"crm": crm_url, "erp": erp_url}
        fill(urls, rows=rows)
        yield urls


def _extract(urls: dict[str, str], home: Path, *, read: int) -> float:
    """Seconds of one extract."""
    settings = Settings(home=home, crm_url=urls["crm"], erp_url=urls["erp"])
    started = time.perf_counter()
    found = extract(settings, only=tuple(SHARES))
    seconds = time.perf_counter() - started
    if sum(found.values()) != read:
        raise AssertionError(f"{read} rows changed, {found} were loaded")
    return seconds


def _floor(urls: dict[str, str], file: Path, *, texts: bool) -> float:
    """Seconds to make tables of the same columns, and nothing else; ``texts``: the source casts numbers."""
    import adbc_driver_postgresql.dbapi as adbc
    import duckdb

    started = time.perf_counter()
    build = duckdb.connect(str(file), config={"memory_limit": Settings().warehouse_memory})
    for stream in SHARES:
        system, _, table = stream.partition(".")
        columns = [(column.name, column.type) for column in models.stream_table(stream).columns]
        names = ", ".join(
            f'cast("{name}" as text) as "{name}"' if texts and isinstance(kind, Exact) else f'"{name}"'
            for name, kind in columns
        )
        exact = ", ".join(f'cast("{name}" as {duckdb_type(kind)}) as "{name}"' for name, kind in columns)
        with adbc.connect(urls[system].replace("+psycopg2", "")) as source, source.cursor() as cursor:
            cursor.execute(f"select {names} from {table}")
            build.register("arriving", cursor.fetch_record_batch())
            build.execute(f"create table {table} as select {exact} from arriving")
            build.unregister("arriving")
    build.close()
    return time.perf_counter() - started
