"""What the engineer on duty types and reads: screens of 80 columns, one JSON document, docs that are so."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.cells import cell_len

import settings
from cli import app
from commands import quarantine, screens, standing
from commands.airflow_env import ROOT
from commands.status import status
from connectors.errors import Misconfigured
from flows import FLOWS
from hub.desk import open_desk
from models.state import quarantine as table
from settings import Settings

LONG = "2020-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    settings.load.cache_clear()
    yield tmp_path
    settings.load.cache_clear()


def put_aside(*, state: str = "quarantined", **changes: Any) -> None:
    at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30)
    row = {"flow": "orders", "step": "book", "stream": "crm.orders", "key": "CO-1", "state": state,
           "rule": "item_in_erp", "reason": "crm.orders CO-1: " + "[it] is not there " * 12, "count": 3,
           "payload": '{"order_no":"CO-1"}', "first_seen_at": at, "last_seen_at": at}  # fmt: skip
    with open_desk(settings.load()) as desk, desk.state.writing() as connection:
        connection.execute(table.insert().values({**row, **changes}))


def widest(shown: str) -> int:
    return max(cell_len(line.rstrip()) for line in shown.splitlines())


def run(*words: str) -> None:
    app(list(words), standalone_mode=False)


def test_the_status_is_one_document_that_keeps_its_fields(capsys: Any) -> None:
    put_aside(state="waiting")
    run("status", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert [flow["flow"] for flow in shown["flows"]] == [flow.name for flow in FLOWS]
    assert set(shown["flows"][0]) == {
        "flow", "state", "last_run_at", "lag_s", "waiting", "quarantined", "next_run_at"
    }  # fmt: skip
    assert {"published_at", "state", "failed_checks"} <= set(shown["warehouse"])
    assert [each["key"] for each in shown["alerts"]] == ["CO-1"]


def test_the_status_says_what_needs_somebody_at_80_columns(capsys: Any) -> None:
    put_aside(state="waiting")
    shown = status()
    shown["flows"] = [
        {**flow, "state": "running", "last_run_at": LONG, "lag_s": 10**6, "waiting": 12_345,
         "quarantined": 123_456, "next_run_at": LONG}
        for flow in shown["flows"]
    ]  # fmt: skip
    for row in shown["details"]:
        row |= {"held_by": "host process 7 of 2026", "error": "book: Refused: no", "conflicts": 3}
    standing.show_status(shown, as_json=False)
    said = capsys.readouterr().out
    assert "running  orders: host process 7" in said
    assert "failed   orders.book: Refused: no" in said
    assert "conflict orders: 3 edits" in said
    assert "waiting longer than 24 hours: 1\n  1  orders.book  CO-1  since 20" in said
    assert widest(said) <= 80
    assert widest(said.partition("\n\n")[0]) <= 80


def test_the_status_names_what_holds_the_warehouse_and_cuts_a_foreign_page(capsys: Any) -> None:
    shown = status()
    shown["details"][0] |= {
        "held_by": "host process 7 of 2026-11-23T20:05:41.120000Z",
        "error": f"a: Refused: crm sent {'<p>no</p> ' * 90}; start its API",
    }
    shown["warehouse"] |= {"state": "stale", "stale_since": LONG, "failed_checks": ["grain:core.fct_order"]}
    standing.show_status(shown, as_json=False)
    said = capsys.readouterr().out
    assert "process 7 of 2026-11-23T20:05:41Z\n" in said
    assert len(said.partition("failed   ")[2].partition("\n\n")[0]) < 400
    assert "; start its API" in said
    assert "\n         " in said
    assert "stale since 2020-01-01 00:00:00 UTC" in said
    assert "1 failed\n  check holds it, 0 mark" in said
    assert "held by  grain:core.fct_order" in said
    assert widest(said) <= 80


def test_the_list_fits_80_columns_and_ends_with_sums(capsys: Any) -> None:
    put_aside()
    put_aside(key="CO-2")
    put_aside(key="CO-3", rule="total_is_sum_of_lines", count=1)
    run("quarantine", "list")
    said = capsys.readouterr().out
    assert widest(said) <= 80
    assert "seen 3 times, 1 d ago" in said
    assert "[it] is not there" in said
    assert [line.split() for line in said.splitlines()[-3:]] == [
        ["2", "orders.book", "item_in_erp"], ["1", "orders.book", "total_is_sum_of_lines"], ["3", "all"]
    ]  # fmt: skip


def test_a_long_list_stops_and_says_how_many_more_there_are(capsys: Any) -> None:
    put_aside()
    entry = quarantine.entries()[0]
    screens.show_quarantine([entry] * 203, as_json=False)
    said = capsys.readouterr().out
    assert said.count("CO-1  item_in_erp") == 200
    assert "… and 3 more" in said


def test_the_list_for_programs_keeps_its_fields(capsys: Any) -> None:
    put_aside()
    run("quarantine", "list", "--json", "--flow", "orders", "--since", "2d")
    (entry,) = json.loads(capsys.readouterr().out)
    assert list(entry) == [
        "id", "flow", "step", "key", "rule", "reason", "count", "first_seen_at", "last_seen_at"
    ]  # fmt: skip
    run("quarantine", "list", "--json", "--since", "1h")
    assert json.loads(capsys.readouterr().out) == []


def test_a_discarded_entry_is_shown_with_who_and_why(capsys: Any) -> None:
    put_aside()
    run("quarantine", "discard", "1", "--by", "ana", "--why", "a test order")
    capsys.readouterr()
    run("quarantine", "list", "--resolved")
    assert "by ana: a test order" in capsys.readouterr().out
    run("quarantine", "show", "1")
    said = capsys.readouterr().out
    assert "by ana: discarded; a test order" in said
    assert '"order_no": "CO-1"' in said
    run("quarantine", "show", "1", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["state"], shown["payload"]) == ("discarded", {"order_no": "CO-1"})
    assert shown["interventions"][0]["by"] == "ana"


def test_a_replay_for_programs_is_one_document(capsys: Any) -> None:
    run("quarantine", "replay", "all", "--json")
    assert json.loads(capsys.readouterr().out) == {"steps": [], "ok": True}


def test_forgetting_needs_one_thing_to_forget(capsys: Any) -> None:
    put_aside()
    for words in (["forget"], ["forget", "CO-1", "--old"]):
        with pytest.raises(Misconfigured, match="say what to forget"):
            run(*words)
    run("forget", "CO-1", "--by", "ana", "--why", "asked")
    assert "1  entries" in capsys.readouterr().out
    run("forget", "--old")
    assert quarantine.entries() == []


def test_since_is_a_while_ago_or_a_time_in_the_companys_zone() -> None:
    now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    here = Settings(timezone="Europe/Madrid")
    for text, expected in (
        ("90min", "2026-11-23T10:30:00+00:00"),
        ("2h", "2026-11-23T10:00:00+00:00"),
        ("3 d", "2026-11-20T12:00:00+00:00"),
        ("2026-11-20", "2026-11-19T23:00:00+00:00"),
        ("2026-07-20T09:30", "2026-07-20T07:30:00+00:00"),
        ("2026-11-20T09:30Z", "2026-11-20T09:30:00+00:00"),
    ):
        found = quarantine.instant_of(text, here, now=now)
        assert found.astimezone(dt.UTC).isoformat() == expected
    with pytest.raises(Misconfigured, match="--since 'yesterday' is no time"):
        quarantine.instant_of("yesterday", here)


def test_two_lists_at_once_are_none() -> None:
    with pytest.raises(Misconfigured, match="two lists"):
        quarantine.entries(waiting=True, resolved=True)


def commands_in_docs() -> list[str]:
    text = (ROOT / "docs" / "operations.md").read_text()
    return sorted(set(re.findall(r"(?:^\$ |`)(\./triada [^`\n]+)", text, re.MULTILINE)))


@pytest.mark.parametrize("line", commands_in_docs())
def test_what_the_page_for_the_engineer_types_is_understood(line: str) -> None:
    words = shlex.split(line)[1:]
    context = typer.main.get_command(app)
    while hasattr(context, "commands"):
        context = context.commands[words.pop(0)]
    context.make_context(context.name, words)  # reads the words, runs nothing
