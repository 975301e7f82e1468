"""The warehouse's benchmark runs, at a size at which its figures say nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.data import databases
from benchmarks.warehouse import extract
from commands.house import run_bench
from connectors.errors import Misconfigured


@pytest.mark.slow
def test_extract_is_measured_beside_its_floor(
    new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = databases.SERVERS["postgresql"][0]
    monkeypatch.setenv(server, new_postgresql())
    rows = extract.run(rows=2_000, changed=20, times=1, peer=False)
    assert [(row["rows"], row["goal"]) for row in rows] == [
        (2_000, 1.3),
        (2_000, None),
        (2_000, 3.0),
        (20, 0.5),
        (20, 1.5),
    ]
    floor, _, peer, changed_peer, growth = rows
    for row in (floor, growth):
        assert row["ratio"] == pytest.approx(row["seconds"] / row["baseline_seconds"], rel=0.2)
        assert row["met"] is (row["ratio"] <= row["goal"])
    for row in (peer, changed_peer):
        assert (row["baseline"], row["ratio"], row["met"]) == ("dlt, not measured: not asked for", None, None)


def test_a_benchmark_may_be_a_package() -> None:
    with pytest.raises(Misconfigured, match=r"no benchmark 'data'; there are .*warehouse"):
        run_bench("data")
