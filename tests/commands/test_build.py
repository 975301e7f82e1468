"""`triada build`: what became of each table is told, a part is never published, one build runs at a time."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import settings as product
from commands.airflow_env import ROOT
from commands.build import Built, build
from commands.build_screen import document, finish
from connectors.errors import Misconfigured, Unreachable
from flows.warehouse import WAREHOUSE, core, pipeline
from hub.pipeline import Pipeline, Stage
from settings import Settings
from tests.warehouse.company import make_stores, put, settings_at
from tests.warehouse.story import tell
from warehouse.build_file import open_build
from warehouse.build_lock import building_alone
from warehouse.gates import load_gates
from warehouse.publish import hold
from warehouse.selection import streams_behind, with_all_they_read

ORDER_IS_MADE_OF = {"core.fct_order", "core.int_order", "core.int_order_money", "core.dim_exchange_rate"}
# In another process, as another builder is: holds the lock until it is told to stop.
HOLD = """
import sys
from pathlib import Path
from settings import Settings
from warehouse.build_file import open_build
from warehouse.build_lock import building_alone
with building_alone(Settings(home=Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The story in stores of its own, and this process's settings are its."""
    home = tmp_path_factory.mktemp("built")
    settings = settings_at(home)
    make_stores(settings)
    tell(settings)
    before = os.environ.get("TRIADA_HOME")
    os.environ["TRIADA_HOME"] = str(home)
    product.load.cache_clear()
    yield settings
    product.load.cache_clear()
    if before is None:
        del os.environ["TRIADA_HOME"]
    else:
        os.environ["TRIADA_HOME"] = before


def told(**options: Any) -> dict[str, Any]:
    """The document of a build, through JSON as a program reads it."""
    done: dict[str, Any] = json.loads(json.dumps(document(build(quiet=True, **options))))
    return done


@pytest.mark.slow
def test_a_build_tells_rows_gates_and_when_it_was_published(
    shared: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first = told()
    assert (first["ok"], first["state"]) == (True, "fresh")
    assert [step["step"] for step in first["steps"]] == [stage.name for stage in WAREHOUSE.stages]
    contract = {"flow", "step", "read", "written", "unchanged", "waiting", "quarantined", "seconds"}
    assert {frozenset(step) for step in first["steps"]} == {frozenset(contract)}
    assert first["published_at"]
    assert set(first["gates"]) == {"passed", "failed", "could_not_check"}
    assert first["gates"]["passed"] > 100
    assert first["gates"]["could_not_check"] == 0
    rows = {table["table"]: table["rows"] for table in first["tables"]}
    with_rows = json.loads(
        triada(shared.home, "query", "--json", "select count(*) as n from fct_order").stdout
    )
    assert rows["core.fct_order"] == with_rows[0]["n"] > 0
    assert {table["how"] for table in first["tables"]} == {"full"}

    again = told()
    how = {table["table"]: table["how"] for table in again["tables"]}
    assert set(how) == set(rows)
    assert how["core.fct_order"] == "kept"
    assert again["steps"][0]["read"] == 0

    finish(build(quiet=True), as_json=False)
    screen = capsys.readouterr().out
    assert "tables kept: what they are made of is as it was" in screen
    assert "0 could not be checked" in screen
    assert "fresh since" in screen
    assert screen.rstrip().endswith(f"file       {shared.published_file}")


@pytest.mark.slow
def test_a_part_is_built_with_what_it_reads_and_never_published(
    shared: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    told()
    before = shared.published_file.stat().st_mtime_ns
    put(
        shared, "crm.orders", {"order_no": "CO-9", "ordered_at": dt.datetime.now(dt.UTC), "total_amount": "7"}
    )
    done = build(only=["fct_order"], quiet=True)
    part = document(done)
    tables = {table["table"]: table["rows"] for table in part["tables"]}  # type: ignore[attr-defined]
    assert set(tables) >= ORDER_IS_MADE_OF
    assert not any(table.startswith("marts.") for table in tables)
    assert [step["step"] for step in done.steps] == ["extract", "core", "gate"]
    assert 0 < sum(done.gates.values()) < len(load_gates()) / 2  # those about the part, and no others
    assert done.ok
    finish(done, as_json=False)
    assert "only a part was built" in " ".join(capsys.readouterr().out.split())
    assert shared.published_file.stat().st_mtime_ns == before
    whole = told()
    assert whole["ok"]
    assert shared.published_file.stat().st_mtime_ns != before


@pytest.mark.slow
def test_full_makes_every_table_anew(shared: Settings) -> None:
    told()
    assert {table["how"] for table in told(full=True)["tables"]} == {"full"}
    assert shared.published_file.is_file()


@pytest.mark.slow
def test_a_held_publication_is_said_with_its_name_and_is_not_well(
    shared: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told()["ok"]
    # Two rows of one key is what no model makes: the grain is broken by hand, behind the runner's back.
    with open_build(shared) as connection:
        connection.execute("insert into core.fct_payment select * from core.fct_payment limit 1")
    done = build(quiet=True)
    with pytest.raises(SystemExit):
        finish(done, as_json=False)
    screen = " ".join(capsys.readouterr().out.split())
    told_to_programs = document(done)
    assert told_to_programs["state"] == "stale"
    assert "grain:core.fct_payment" in done.holding
    assert told_to_programs["held_by"] == done.holding
    assert told_to_programs["stale_since"]
    assert told_to_programs["problems"]
    assert "held by grain:core.fct_payment" in screen
    assert "no, held" in screen
    assert told(full=True)["ok"]


def test_a_name_nobody_knows_builds_nothing_and_names_near_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    product.load.cache_clear()
    done = build(only=["core.fct_ordr"], quiet=True)
    product.load.cache_clear()
    with pytest.raises(SystemExit):
        finish(done, as_json=True)
    captured = capsys.readouterr()
    said = json.loads(captured.out)
    assert (said["steps"], said["tables"], said["state"], said["ok"]) == ([], [], "missing", False)
    assert "near it: core.fct_order" in captured.err
    assert "near it: core.fct_order" in said["problems"][0]
    assert not (tmp_path / "warehouse" / "build.duckdb").exists()


@pytest.mark.parametrize(("name", "near"), [("core.fct_ordr", "; near it: core.fct_order, "), ("zzz", "; ")])
def test_a_name_nobody_knows_is_all_that_the_screen_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, near: str
) -> None:
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    product.load.cache_clear()
    done = build(only=[name], quiet=True)
    product.load.cache_clear()
    with pytest.raises(SystemExit):
        finish(done, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(f"the build stopped: there is no model {name!r}{near}")
    assert said.endswith("docs/marts.md lists the published ones, warehouse/sql has all")


def test_a_build_that_stops_tells_what_was_done_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_settings: Settings) -> dict[str, int]:
        raise Unreachable("crm: no answer; look whether it runs")

    done = Stage("extract", lambda _settings: {"read": 3, "written": 3, "streams": 1})
    stages = Pipeline("warehouse", "1 day", "data", "", (done, Stage("core", fail)))
    monkeypatch.setattr("commands.build.pipeline", lambda **_given: stages)
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    product.load.cache_clear()
    said = document(stopped := build(quiet=True))
    product.load.cache_clear()
    assert [(step["step"], step["read"]) for step in stopped.steps] == [("extract", 3)]
    assert (said["ok"], said["state"]) == (False, "missing")
    assert stopped.problems == ["the build stopped: crm: no answer; look whether it runs"]


def logged_by_a_build(
    home: Path, monkeypatch: pytest.MonkeyPatch, **runs: Callable[[Settings], dict[str, Any]]
) -> list[dict[str, Any]]:
    """What a build of these stages leaves in the log, each line without its instant."""
    stages = Pipeline("warehouse", "1 day", "data", "", tuple(Stage(*each) for each in runs.items()))
    monkeypatch.setattr("commands.build.pipeline", lambda **_given: stages)
    monkeypatch.setenv("TRIADA_HOME", str(home))
    product.load.cache_clear()
    build(quiet=True)
    product.load.cache_clear()
    lines = (home / "logs" / "hub.jsonl").read_text().splitlines()
    said = [json.loads(line) for line in lines]
    for line in said:
        line["message"] = re.sub(r"[0-9.]+ s\b", "N s", line["message"])
    return [{name: line[name] for name in ("level", "flow", "step", "message")} for line in said]


def test_a_build_that_stopped_is_in_the_log_with_its_reason_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_settings: Settings) -> dict[str, Any]:
        raise Unreachable("crm: postgresql://triada:hunter2@db/crm does not answer; look whether it runs")

    why = "crm: postgresql://triada:***@db/crm does not answer; look whether it runs"
    assert logged_by_a_build(tmp_path, monkeypatch, extract=fail) == [
        {"level": "error", "flow": "warehouse", "step": "extract",
         "message": f"warehouse.extract failed after N s: Unreachable: {why}"},
        {"level": "error", "flow": None, "step": None,
         "message": f"build: stopped: {why}; after N s"},
    ]  # fmt: skip


def test_a_build_that_is_held_is_in_the_log_with_the_gate_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(settings: Settings) -> dict[str, Any]:
        return hold(settings, {"grain:core.fct_payment": "one row per payment_no: 2 rows"}, [])

    held_line, stage, outcome = logged_by_a_build(tmp_path, monkeypatch, publish=held)
    assert held_line == {
        "level": "error", "flow": "warehouse", "step": "publish",
        "message": "the publication is held by grain:core.fct_payment: one row per payment_no: 2 rows",
    }  # fmt: skip
    assert (stage["level"], "'state': 'stale'" in stage["message"]) == ("info", True)
    assert outcome["level"] == "error"
    assert "held by grain:core.fct_payment; after N s" in outcome["message"]


def test_a_build_that_went_through_is_in_the_log_without_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"table": "core.t", "rows": 1, "changed": 1, "seconds": 0.1, "how": "full", "by_time": False}
    stage, outcome = logged_by_a_build(
        tmp_path, monkeypatch, core=lambda _settings: {"made": [table], "written": 1, "marking": ["a gate"]}
    )
    assert stage["message"] == "warehouse.core: {'written': 1, 'marking': ['a gate']} in N s"
    assert outcome["message"] == "build: published, missing in N s"


def test_what_time_alone_changed_is_named_and_not_listed_as_changed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def table(name: str, how: str, *, by_time: bool) -> dict[str, Any]:
        return {"table": name, "rows": 4, "changed": 4, "seconds": 0.1, "how": how, "by_time": by_time}

    tables = [
        table("core.fct_order", "changed", by_time=False),
        table("marts.mart_cash", "full", by_time=True),
        table("marts.mart_sales", "kept", by_time=False),
    ]
    finish(Built(tmp_path / "triada.duckdb", tables=tables), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:2]] == ["core.fct_order"]
    assert lines[2:4] == [
        "1 table made anew only because time went by: marts.mart_cash",
        "1 table kept: what they are made of is as it was",
    ]


def test_a_name_stands_for_itself_and_all_it_reads() -> None:
    found = with_all_they_read(["core.fct_order"])
    assert found >= ORDER_IS_MADE_OF
    assert "staging.crm_orders" in found
    assert "core.fct_order_line" not in found
    assert found == with_all_they_read(["fct_order"]) == with_all_they_read(["fct_order", "int_order"])
    assert {"crm.orders", "erp.sales_orders"} <= set(streams_behind(found))
    assert "erp.suppliers" not in streams_behind(found)


def test_a_layer_stands_for_all_its_models_and_what_planning_reads() -> None:
    found = with_all_they_read(["marts"])
    assert {"marts.mart_forecast", "core.fct_order_line", "core.fct_payment"} <= found
    with pytest.raises(Misconfigured, match="no model 'mart'"):
        with_all_they_read(["mart"])


def test_a_part_has_the_stages_it_needs_and_no_publication() -> None:
    def stages(*names: str) -> list[str]:
        return [stage.name for stage in pipeline(only=with_all_they_read(names)).stages]

    assert stages("fct_order") == ["extract", "core", "gate"]
    assert stages("mart_sales") == ["extract", "core", "marts", "gate"]
    assert stages("mart_forecast") == ["extract", "core", "plan", "marts", "gate"]


def test_what_is_asked_reaches_the_extract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def extract(_settings: Settings, *, full: bool = False, only: tuple[str, ...] = ()) -> dict[str, int]:
        asked.append({"full": full, "only": only})
        return {"crm.orders": 2, "hub.runs": 1}

    monkeypatch.setattr("warehouse.extract.extract", extract)
    monkeypatch.setattr("warehouse.extract.left_as_they_were", lambda *_given: 7)
    settings = Settings(home=tmp_path)
    chosen = with_all_they_read(["core.dim_exchange_rate"])
    counts = [
        one.stages[0].run(settings)
        for one in (WAREHOUSE, pipeline(full=True), pipeline(only=chosen, full=True))
    ]
    assert asked == [
        {"full": False, "only": ()},
        {"full": True, "only": ()},
        {"full": True, "only": streams_behind(chosen)},
    ]
    assert [(count["read"], count["streams"]) for count in counts] == [(2, 2), (9, 2), (9, 2)]
    assert [(count["written"], count["unchanged"]) for count in counts] == [(2, 0), (2, 7), (2, 7)]


def test_a_full_build_says_what_it_read_beside_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {"read": 9, "written": 0, "unchanged": 9, "streams": 1}
    stages = Pipeline("warehouse", "1 day", "data", "", (Stage("extract", lambda _settings: counts),))
    monkeypatch.setattr("commands.build.pipeline", lambda **_given: stages)
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    product.load.cache_clear()
    finish(build(full=True, quiet=True), as_json=False)
    product.load.cache_clear()
    screen = capsys.readouterr().out
    assert "read       9 rows, each stream whole" in screen
    assert [line.split() for line in screen.splitlines() if line.startswith("changed")] == [
        ["changed", "0", "rows"]
    ]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that builds the warehouse under ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_build_waits_says_so_and_then_gives_up(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    said: list[str] = []
    started = time.monotonic()
    with (
        pytest.raises(Unreachable, match=rf"built by process {other.pid}, waited 0\.5 s"),
        building_alone(Settings(home=tmp_path), wait_s=0.5, say=said.append),
    ):
        pytest.fail("two builds at once")
    assert 0.5 <= time.monotonic() - started < 5
    assert said == [f"the warehouse is being built by process {other.pid}; waiting up to 0.5 s for it"]


def test_a_second_build_goes_on_when_the_first_has_ended(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    def let_go(_said: str) -> None:
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()

    with building_alone(Settings(home=tmp_path), say=let_go):
        assert other.wait(10) == 0


def test_a_killed_build_holds_nobody_up(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    with building_alone(Settings(home=tmp_path), wait_s=0):
        pass


def test_a_stage_within_a_build_does_not_wait_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.runner.build", lambda *_given, **_options: [])
    settings = Settings(home=tmp_path)
    with building_alone(settings, wait_s=0):
        assert core(settings) == {"made": []}


def triada(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TRIADA_HOME": str(home)}
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
