"""The warehouse's DAG under a real scheduler: many events at once are one more run, and no two runs at once.

The stages are those of the warehouse by name and order; here each only notes when it began and ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.warehouse import WAREHOUSE
from tests.commands.processes import eventually
from tests.commands.small import make_stores
from tests.commands.test_up import Up, runs

BURST = 20
DAG = '''"""The warehouse's DAG with stages that only take a while, for a test."""

import dataclasses
import time

from flows.people import PEOPLE
from flows.warehouse import WAREHOUSE
from hub.airflow import dag_for_pipeline
from hub.pipeline import Stage


def slowly(name):
    def work(settings):
        for word in ("begin", "end"):
            with (settings.home / "noted").open("a") as file:
                file.write(f"{word} {name}\\n")
            time.sleep(1 if word == "begin" else 0)
        return {"written": 0}

    return Stage(name, work)


STAGES = tuple(slowly(stage.name) for stage in WAREHOUSE.stages)
dag = dag_for_pipeline(dataclasses.replace(WAREHOUSE, every="4 weeks", stages=STAGES), after=(PEOPLE,))
'''


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Up]:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "warehouse.py").write_text(DAG)
    started = Up(tmp_path, stores=make_stores(tmp_path / "stores"))
    yield started
    started.clean()


def noted(running: Up) -> list[str]:
    file = running.home / "noted"
    return file.read_text().splitlines() if file.exists() else []


def tell(running: Up, token: str, *, times: int) -> None:
    """Tell Airflow that a flow wrote something, as the flow's task does."""
    ((asset,),) = running.ask("select id from asset where name = 'flow.people'")
    for _ in range(times):
        running.call("/api/v2/assets/events", {"asset_id": asset, "extra": {}}, token=token)


def sign_in(running: Up) -> str:
    password = json.loads((running.home / "airflow" / "password.json").read_text())["admin"]
    signed: dict[str, Any] = running.call("/auth/token", {"username": "admin", "password": password})
    return str(signed["access_token"])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_burst_of_events_is_one_more_run_and_no_two_runs_overlap(running: Up) -> None:
    running.wait_until_ready()
    assert eventually(lambda: runs(running, "warehouse", "scheduled") == 1, within_s=180)
    token = sign_in(running)
    before = len(noted(running))

    tell(running, token, times=1)
    assert eventually(lambda: len(noted(running)) > before, within_s=120)
    assert noted(running)[before:] == ["begin extract"]
    tell(running, token, times=BURST)
    # Nothing of the burst began: the run is still at work.
    assert runs(running, "warehouse", "asset_triggered") == 0
    assert eventually(lambda: runs(running, "warehouse", "asset_triggered") == 2, within_s=180)
    assert not eventually(lambda: len(noted(running)) > before + 4 * len(WAREHOUSE.stages), within_s=15)

    told = running.ask(
        "select count(*) from asset_event e join asset a on a.id = e.asset_id where a.name = 'flow.people'"
    )
    assert told == [(1 + BURST,)]
    # The run that follows begins after the last of them, so it reads what all of them told of.
    late = running.ask(
        "select (select max(start_date) from dag_run) > (select max(timestamp) from asset_event)"
    )
    assert late == [(1,)]
    assert running.ask("select count(*) from dag_run") == [(3,)]
    # One run's stages, in their order, then the next run's.
    one_run = [f"{word} {stage.name}" for stage in WAREHOUSE.stages for word in ("begin", "end")]
    assert noted(running) == one_run * 3
