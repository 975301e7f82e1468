"""The exported event logs: read back and counted by a tool of the field, whole or not there."""

from __future__ import annotations

import ast
import errno
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from cli import app
from connectors.errors import Misconfigured, Unreachable
from connectors.xes import read_log
from settings import Settings
from tests.test_repo import product_modules
from tests.warehouse.conftest import Ask
from warehouse.ocel import export_ocel
from warehouse.xes import CASES, export_xes


@pytest.fixture(scope="module")
def told(processes: Settings) -> Iterator[Ask]:
    connection = duckdb.connect(str(processes.published_file), read_only=True)
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


@pytest.fixture(scope="module")
def ocel(processes: Settings, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The exported OCEL as JSON."""
    path = tmp_path_factory.mktemp("ocel") / "log.json"
    export_ocel(processes, path)
    return json.loads(path.read_text(encoding="utf-8"))


TOTALS = """select count(distinct event_no), count(distinct (object_type, object_no)), count(*)
    from core.fct_process_event"""


@pytest.mark.slow
def test_pm4py_counts_the_same_events_objects_and_relations(
    processes: Settings, tmp_path: Path, told: Ask
) -> None:
    import pm4py

    path = tmp_path / "log.json"
    counts = export_ocel(processes, path)
    log = pm4py.read_ocel2_json(str(path))
    found = (len(log.events), len(log.objects), len(log.relations))
    assert [found] == told(TOTALS)
    assert found == (counts["events"], counts["objects"], counts["relations"])
    assert log.events["ocel:eid"].is_unique
    assert log.objects["ocel:oid"].is_unique
    by_activity = log.events["ocel:activity"].value_counts().to_dict()
    assert by_activity == dict(
        told("select activity, count(distinct event_no) from core.fct_process_event group by activity")
    )
    by_pair = log.relations.groupby(["ocel:activity", "ocel:type"]).size().to_dict()
    assert by_pair == {
        (activity, kind): rows
        for activity, kind, rows in told(
            "select activity, object_type, count(*) from core.fct_process_event group by all"
        )
    }
    # Both payments of an order are its own: two events, not four.
    paid = log.relations[log.relations["ocel:oid"] == "order:CO-1"]["ocel:activity"].value_counts()
    assert (paid["payment recorded"], paid["goods shipped"]) == (2, 2)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Install the optional requirement `r4pm`:UserWarning")
@pytest.mark.parametrize("case", CASES)
def test_pm4py_counts_the_same_traces_and_events(
    processes: Settings, tmp_path: Path, told: Ask, case: str
) -> None:
    import pm4py

    path = tmp_path / "log.xes"
    counts = export_xes(processes, path, case=case)
    log = pm4py.read_xes(str(path))
    assert (log["case:concept:name"].nunique(), len(log)) == (counts["traces"], counts["events"])
    assert log.groupby("case:concept:name").size().to_dict() == dict(
        told(
            f"""select object_no, count(*) from core.fct_process_event where object_type = '{case}'
            group by object_no"""
        )
    )
    variants = {tuple(group["concept:name"]) for _, group in log.groupby("case:concept:name", sort=False)}
    assert {" → ".join(variant) for variant in variants} == {
        path
        for (path,) in told(
            f"""select string_agg(activity, ' → ' order by sequence) from core.fct_process_event
            where object_type = '{case}' group by object_no"""
        )
    }


def test_each_event_is_there_once_with_all_it_is_about(ocel: Any, told: Ask) -> None:
    ids = [event["id"] for event in ocel["events"]]
    assert len(ids) == len(set(ids))
    relations = sum(len(event["relationships"]) for event in ocel["events"])
    assert [(len(ids), len(ocel["objects"]), relations)] == told(TOTALS)
    (won,) = [event for event in ocel["events"] if event["type"] == "lead won"]
    assert won == {
        "id": "L-1:5:entered",
        "type": "lead won",
        "time": "2026-06-01T12:00:00.000000Z",
        "attributes": [
            {"name": "system", "value": "crm"},
            {"name": "channel", "value": "system"},
            {"name": "actor_no", "value": "E-0003"},
            {"name": "actor", "value": "Joe & <José>"},
        ],
        "relationships": [
            {"objectId": "lead:L-1", "qualifier": "lead"},
            {"objectId": "order:CO-1", "qualifier": "order"},
            {"objectId": "order:CO-2", "qualifier": "order"},
        ],
    }


def test_types_are_declared_and_objects_belong_to_one_another(ocel: Any) -> None:
    assert list(ocel) == ["objectTypes", "eventTypes", "objects", "events"]
    declared = {kind["name"]: {each["name"] for each in kind["attributes"]} for kind in ocel["eventTypes"]}
    for event in ocel["events"]:
        assert {each["name"] for each in event["attributes"]} <= declared[event["type"]]
    objects = {thing["id"]: thing for thing in ocel["objects"]}
    assert {thing["type"] for thing in objects.values()} == {kind["name"] for kind in ocel["objectTypes"]}
    pointed = {each["objectId"] for event in ocel["events"] for each in event["relationships"]}
    assert pointed == set(objects)
    assert objects["payment:PA-2"]["relationships"] == [{"objectId": "order:CO-1", "qualifier": "of order"}]
    assert objects["order:CO-1"]["relationships"] == [{"objectId": "lead:L-1", "qualifier": "of lead"}]


def test_the_hubs_own_reader_reads_the_xes(processes: Settings, tmp_path: Path) -> None:
    path = tmp_path / "log.xes.gz"
    export_xes(processes, path)
    traces = {trace.attributes["concept:name"]: trace.events for trace in read_log(path)}
    assert set(traces) == {"CO-1", "CO-2", "CO-3", "CO-4", "SO-9"}
    assert [event["concept:name"] for event in traces["SO-9"]] == ["order booked", "payment recorded"]
    first, last = traces["CO-1"][0], traces["CO-1"][-1]
    assert (first["org:resource"], first["actor"]) == ("E-0003", "Joe & <José>")
    assert "elapsed_h" not in first
    assert (str(last["elapsed_h"]), str(last["working_h"])) == ("22.0000", "6.0000")
    assert last["lifecycle:transition"] == "complete"


@pytest.mark.parametrize("name", ["log.json", "log.xes"])
def test_writing_twice_gives_the_same_bytes_packed_or_not(
    processes: Settings, tmp_path: Path, name: str
) -> None:
    write = export_ocel if name.endswith(".json") else export_xes
    for file in (name, f"2{name}", f"{name}.gz", f"2{name}.gz"):
        write(processes, tmp_path / file)
    plain, packed = (tmp_path / name).read_bytes(), (tmp_path / f"{name}.gz").read_bytes()
    assert (tmp_path / f"2{name}").read_bytes() == plain
    assert (tmp_path / f"2{name}.gz").read_bytes() == packed
    assert gzip.decompress(packed) == plain


def test_a_full_disk_leaves_the_old_file(
    processes: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("warehouse.event_log.os.fsync", full)
    with pytest.raises(Unreachable, match=r"log\.json: No space left on device"):
        export_ocel(processes, path)
    assert [file.name for file in tmp_path.iterdir()] == ["log.json"]
    assert path.read_text() == "old"


def test_where_nothing_can_be_written_it_says_what_to_do(processes: Settings, company: Settings) -> None:
    with pytest.raises(Misconfigured, match="make it first"):
        export_ocel(processes, company.home / "nowhere" / "log.json")
    with pytest.raises(Misconfigured, match="triada build"):
        export_xes(company, company.home / "log.xes")
    assert not (company.home / "log.xes").exists()


def test_the_command_tells_what_it_wrote(
    processes: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIADA_HOME", str(processes.home))
    path = tmp_path / "log.xes"
    done = CliRunner().invoke(app, ["export", "xes", str(path), "--case", "lead"])
    assert done.exit_code == 0, done.output
    # L-2 has two events; L-1 five of its own, two calls, two orders, and a trip asked, approved, cancelled.
    assert done.output.split() == ["2", "traces", "15", "events", str(path), "is", "written"]
    assert CliRunner().invoke(app, ["export", "xes", str(path), "--case", "shoe"]).exit_code == 2


def test_no_module_of_the_product_imports_the_tests_mining_tool() -> None:
    """It is AGPL; the product is not."""
    for path in product_modules():
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "pm4py" in text else ():
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            assert not [name for name in names if name.partition(".")[0] == "pm4py"], path
