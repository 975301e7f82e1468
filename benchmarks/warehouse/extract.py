"""How fast rows come from PostgreSQL into the build file: beside the plainest way, and beside dlt.

Four million rows over five streams. The floor reads the same columns with ADBC and makes tables of them in a
DuckDB file with exact casts: no marks, no totals, no history. dlt uses its fastest backend. Then some rows
change, spread over all there are, and are read; the same number among a tenth of the rows shows whether
that costs what changed or what there is. What is repeated is told by its median.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import models
from benchmarks.data.databases import database
from benchmarks.data.warehouse import SHARES, change, fill
from benchmarks.warehouse.peer import Peer
from settings import Settings
from warehouse.build_file import connect
from warehouse.extract import extract
from warehouse.source_sql import duckdb_type

ROWS, CHANGED, TIMES = 4_000_000, 40_000, 3
GOAL_FLOOR, GOAL_PEER, GOAL_PEER_CHANGED, GOAL_GROWTH = 1.3, 3.0, 0.5, 1.5


def run(
    *, rows: int = ROWS, changed: int = CHANGED, times: int = TIMES, peer: bool = True
) -> list[dict[str, Any]]:
    """Four rows: the first load beside the floor and beside dlt, a change beside dlt, and how it grows."""
    with _filled(rows) as urls, tempfile.TemporaryDirectory() as folder:
        home, dlt = Path(folder), Peer(Path(folder) / "dlt", urls, "" if peer else "not asked for")
        floors, firsts = [], []
        for number in range(times):
            floors.append(_floor(urls, home / f"floor-{number}.duckdb"))
            firsts.append(_extract(urls, home / f"first-{number}", read=rows))
        theirs = dlt.load("append", rows=rows)
        changes, their_changes = _changes(urls, home / "first-0", rows, changed=changed, times=times, dlt=dlt)
    with _filled(rows // 10) as urls, tempfile.TemporaryDirectory() as folder:
        _extract(urls, Path(folder), read=rows // 10)
        tenths, _ = _changes(urls, Path(folder), rows // 10, changed=changed, times=times, dlt=None)
    floor, first, ours, tenth = map(statistics.median, (floors, firsts, changes, tenths))
    name, some = f"extract and land {rows:,} rows", f"extract {changed:,} changed among {rows:,}"
    their_change = statistics.median(their_changes) if their_changes else None
    return [
        _row(name, rows, first, baseline="ADBC floor", baseline_seconds=floor, goal=GOAL_FLOOR),
        _row(name, rows, first, baseline=dlt.name, baseline_seconds=theirs, goal=GOAL_PEER, times=True),
        _row(some, changed, ours, baseline=dlt.name, baseline_seconds=their_change, goal=GOAL_PEER_CHANGED),
        _row(some, changed, ours, baseline=f"the same among {rows // 10:,}", baseline_seconds=tenth,
             goal=GOAL_GROWTH),
    ]  # fmt: skip


def _row(
    name: str,
    rows: int,
    seconds: float,
    *,
    baseline: str,
    baseline_seconds: float | None,
    goal: float,
    times: bool = False,
) -> dict[str, Any]:
    """``times``: the ratio is how many times faster than the baseline, else its part of that time."""
    ratio = None
    if baseline_seconds is not None:
        ratio = baseline_seconds / seconds if times else seconds / baseline_seconds
    return {
        "name": name,
        "rows": rows,
        "seconds": round(seconds, 2),
        "baseline": baseline,
        "baseline_seconds": None if baseline_seconds is None else round(baseline_seconds, 2),
        "ratio": None if ratio is None else round(ratio, 2),
        "goal": goal,
        "met": None if ratio is None else (ratio >= goal if times else ratio <= goal),
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


def _changes(
    urls: dict[str, str], home: Path, rows: int, *, changed: int, times: int, dlt: Peer | None
) -> tuple[list[float], list[float]]:
    """Seconds of several extracts after so many changes each, ours and dlt's."""
    ours, theirs = [], []
    for hour in range(1, times + 1):
        change(urls, rows=rows, changed=changed, hour=hour)
        ours.append(_extract(urls, home, read=changed))
        seconds = dlt.load("merge", rows=rows) if dlt else None
        if seconds is not None:
            theirs.append(seconds)
    return ours, theirs


def _floor(urls: dict[str, str], file: Path) -> float:
    """Seconds to make tables of the same columns, and nothing else."""
    import adbc_driver_postgresql.dbapi as adbc

    started = time.perf_counter()
    build = connect(file)
    for system, url in urls.items():
        with adbc.connect(url.replace("+psycopg2", "")) as source, source.cursor() as cursor:
            for stream in SHARES:
                if stream.startswith(f"{system}."):
                    columns = models.stream_table(stream).columns
                    names = ", ".join(f'"{column.name}"' for column in columns)
                    exact = ", ".join(
                        f'cast("{c.name}" as {duckdb_type(c.type)}) as "{c.name}"' for c in columns
                    )
                    table = stream.partition(".")[2]
                    cursor.execute(f"select {names} from {table}")
                    build.register("arriving", cursor.fetch_record_batch())
                    build.execute(f"create table {table} as select {exact} from arriving")
                    build.unregister("arriving")
    build.close()
    return time.perf_counter() - started
