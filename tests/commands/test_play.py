"""DAGs run in one process: recorded by Airflow, retried by fate, quiet on the terminal, quick when warm."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from commands.airflow_env import DAGS_FOLDER, ROOT
from tests.commands.small import make_dags, make_stores

pytestmark = pytest.mark.slow

SECRET = "hunter2-and-longer"
# A process of its own: Airflow takes its home when it is imported, and keeps it.
SCRIPT = """
import json, sys, time
from pathlib import Path
from commands.play import play
from connectors.errors import TriadaError
from settings import Settings

home, steps, told = Path(sys.argv[1]), {}, []
settings = Settings(home=home)


def timed(name):
    started = time.monotonic()
    steps[name] = play(["people"], settings, on_step=lambda row: told.append(row["step"]))
    steps[f"{name}_s"] = time.monotonic() - started


timed("first")
timed("second")
steps["pipeline"] = play(["published"], settings)
steps["flaky"] = play(["flaky"], settings)
for name, asked in (
    ("refused", Settings(home=home, oa_url="postgresql+psycopg2://hub:SECRET@127.0.0.1:1/oa")),
    ("nonsense", settings),
    ("people", Settings(home=home / "elsewhere")),
):
    try:
        play([name], asked)
    except TriadaError as error:
        steps[f"{name}_error"] = str(error)
print(json.dumps({**steps, "told": told}))
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the script printed and left behind; the ERP's address is known to Airflow alone."""
    folder = tmp_path_factory.mktemp("played")
    urls = make_stores(folder / "stores")
    dags = make_dags(folder / "dags", "people", "roster", "published", "flaky", "refused")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TRIADA"))},
        DAGS_FOLDER: str(dags),
        "TRIADA_OA_URL": urls["oa"],
        "TRIADA_CRM_URL": urls["crm"],
        "AIRFLOW_CONN_TRIADA_ERP": urls["erp"],
        "PYTHONPATH": str(ROOT),
    }
    script = SCRIPT.replace("SECRET", SECRET)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "home")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(home=folder / "home", out=done.stdout, err=done.stderr, stores=folder / "stores")


def counts(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["flow"], row["step"], row["read"], row["written"], row["unchanged"]) for row in rows]


def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_dag_gives_the_counts_of_each_step_at_once(played: SimpleNamespace) -> None:
    said = json.loads(played.out)
    assert counts(said["first"]) == [("people", "to_crm", 2, 2, 0), ("people", "to_erp", 2, 2, 0)]
    assert said["told"] == ["to_crm", "to_erp"] * 2


def test_running_twice_changes_nothing(played: SimpleNamespace) -> None:
    said = json.loads(played.out)
    assert [row["written"] for row in said["second"]] == [0, 0]


def test_a_warm_dag_takes_less_than_two_seconds(played: SimpleNamespace) -> None:
    assert json.loads(played.out)["second_s"] < 2.0


def test_airflow_says_nothing_on_the_terminal(played: SimpleNamespace) -> None:
    assert len(played.out.splitlines()) == 1
    assert played.err == ""


def test_task_instances_are_in_airflows_database(played: SimpleNamespace) -> None:
    rows = ask(
        played.home / "airflow" / "airflow.db",
        "select task_id, state, count(*) from task_instance where dag_id = 'people' group by 1, 2 order by 1",
    )
    assert rows == [("to_crm", "success", 2), ("to_erp", "success", 2)]


def test_only_a_step_that_wrote_tells_that_its_stream_changed(played: SimpleNamespace) -> None:
    rows = ask(
        played.home / "airflow" / "airflow.db",
        "select a.name, count(*) from asset_event e join asset a on a.id = e.asset_id "
        "where e.source_dag_id = 'people' group by 1 order by 1",
    )
    # two runs, of which only the first wrote: each step tells its stream and its flow
    assert rows == [("crm.staff", 1), ("erp.staff", 1), ("flow.people", 2)]


def test_a_pipeline_tells_that_it_published(played: SimpleNamespace) -> None:
    rows = ask(
        played.home / "airflow" / "airflow.db",
        "select a.uri, e.source_task_id from asset_event e join asset a on a.id = e.asset_id "
        "where e.source_dag_id in ('published', 'flaky') order by 1",
    )
    told = [("triada://flow/published", "publish"), ("triada://published/triada.duckdb", "publish")]
    flaky = [("triada://flow/flaky", "ask"), ("triada://published/triada.duckdb", "ask")]  # it was retried
    assert sorted(rows) == sorted(told + flaky)


def test_the_rows_of_a_pipeline_have_the_counts_of_a_flow_too(played: SimpleNamespace) -> None:
    build, publish = json.loads(played.out)["pipeline"]
    assert (build["flow"], build["step"], build["tables"], build["written"]) == ("published", "build", 2, 0)
    assert publish["home"] == played.home.name


def test_an_airflow_connection_wins_over_the_settings(played: SimpleNamespace) -> None:
    staff = ask(played.stores / "erp.db", "select employee_no from staff order by 1")
    assert staff == [("E-0001",), ("E-0002",)]
    assert not (played.home / "stores" / "erp.db").exists()


def test_an_unreachable_system_is_tried_again_without_waiting(played: SimpleNamespace) -> None:
    (row,) = json.loads(played.out)["flaky"]
    assert row["step"] == "ask"
    tries = ask(
        played.home / "airflow" / "airflow.db",
        "select try_number, state from task_instance where dag_id = 'flaky'",
    )
    assert tries == [(3, "success")]


def test_a_refusal_is_not_tried_again_and_names_its_log(played: SimpleNamespace) -> None:
    said = json.loads(played.out)["refused_error"]
    assert "DAG refused, task ask: oa: the password was not accepted" in said
    log = Path(said.rpartition("its log is ")[2])
    assert "the password was not accepted" in log.read_text()
    tries = ask(
        played.home / "airflow" / "airflow.db",
        "select try_number, state from task_instance where dag_id = 'refused'",
    )
    assert tries == [(1, "failed")]


def test_no_password_is_in_any_file_of_airflow(played: SimpleNamespace) -> None:
    files = [file for file in (played.home / "airflow").rglob("*") if file.is_file()]
    assert any("asking postgresql" in file.read_text() for file in files if file.suffix == ".log")
    assert [file for file in files if SECRET.encode() in file.read_bytes()] == []


def test_an_unknown_dag_is_named_with_those_there_are(played: SimpleNamespace) -> None:
    assert "no DAG 'nonsense'" in json.loads(played.out)["nonsense_error"]
    assert "flaky, people, published" in json.loads(played.out)["nonsense_error"]


def test_one_process_plays_for_one_home(played: SimpleNamespace) -> None:
    assert "cannot move to" in json.loads(played.out)["people_error"]
