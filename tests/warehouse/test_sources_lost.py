"""What a source no longer gives: the build stops or says so, and what was published says that it is stale."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.errors import CountMismatch, Refused, Unreachable
from flows import warehouse as flow
from models import state
from settings import Settings
from tests.warehouse.company import AS_OF, put, run_sql, settings_at
from tests.warehouse.conftest import ask_build, build_all
from tests.warehouse.hub_state import ran, remember
from warehouse import leftovers
from warehouse.build_lock import BeingBuilt
from warehouse.extract import extract
from warehouse.room import NoRoom
from warehouse.selection import with_all_they_read
from warehouse.status import last_told, read_status

pytestmark = pytest.mark.slow

PART = frozenset({"core.fct_lead"})


def state_sql(settings: Settings, statement: str) -> None:
    engine = sa.create_engine(settings.url("state"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def state_file(settings: Settings) -> Path:
    return Path(str(sa.make_url(settings.url("state")).database))


def test_a_state_of_an_older_revision_is_read_as_far_as_it_goes(company: Settings) -> None:
    remember(company, state.runs, ran("book", "06-14 08:00", 1))
    state_sql(company, "drop table interventions")
    moved = extract(company, as_of=AS_OF)
    assert (moved["hub.runs"], moved["hub.interventions"]) == (1, 0)


def test_a_table_of_the_state_that_was_read_and_is_gone_is_no_empty_stream(company: Settings) -> None:
    remember(company, state.runs, ran("book", "06-14 08:00", 1))
    extract(company, as_of=AS_OF)
    state_sql(company, "drop table interventions")
    with pytest.raises(Refused, match=r"hub\.interventions: .*interventions"):
        extract(company, as_of=AS_OF)


def test_a_state_that_was_read_and_is_gone_is_named(company: Settings) -> None:
    remember(company, state.runs, ran("book", "06-14 08:00", 1))
    extract(company, as_of=AS_OF)
    state_file(company).unlink()
    with pytest.raises(Unreachable, match=r"hub: no database at .*look at TRIADA_STATE_URL"):
        extract(company, as_of=AS_OF)


def test_a_part_is_made_in_a_build_file_of_its_own(company: Settings) -> None:
    part = with_all_they_read(PART)
    flow.extract(company, only=part)
    made = flow.core(company, only=part)["made"]
    assert "core.fct_lead" in {table["table"] for table in made}


def test_a_tombstone_without_an_instant_stops_nothing_and_is_named(
    company: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    put(company, "crm.accounts", *({"account_no": f"A-{name}", "name": name} for name in ("one", "two")))
    extract(company)
    run_sql(company, "crm", "delete from accounts where account_no = 'A-one'")
    run_sql(company, "crm", "update tombstones set deleted_at = 'once'")
    with caplog.at_level(logging.WARNING, logger="triada.warehouse"):
        extract(company)
    assert "crm.accounts: the tombstone of A-one is stamped 'once'" in caplog.text
    alive = "select name from raw.crm_accounts where not _deleted"
    assert ask_build(company, alive) == [("two",)]


def test_a_source_that_does_not_answer_makes_the_publication_stale(published: Settings) -> None:
    gone = settings_at(published.home, oa_url="postgresql://reader@127.0.0.1:1/oa")
    with pytest.raises(Unreachable):
        flow.extract(gone, only=with_all_they_read(PART))
    assert read_status(published)["state"] == "fresh"
    with pytest.raises(Unreachable):
        flow.extract(gone)
    status = read_status(published)
    assert (status["state"], status["failed_checks"]) == ("stale", ["extract"])
    assert status["reasons"]["extract"].startswith("oa: ")
    assert build_all(published)["state"] == "fresh"


def test_a_load_that_does_not_add_up_fails_the_gate_of_its_rows(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "crm.leads: of rows changed since June the source has 3, but 2 came; expected the same"

    def differ(*_given: object, **_named: object) -> dict[str, int]:
        raise CountMismatch(said)

    monkeypatch.setattr("warehouse.extract.extract", differ)
    with pytest.raises(CountMismatch):
        flow.extract(published, only=PART)
    assert read_status(published)["state"] == "fresh"
    with pytest.raises(CountMismatch):
        flow.extract(published)
    asked = "select gate, outcome from quality.results where outcome <> 'passed'"
    assert ask_build(published, asked) == [("rows:crm.leads", "failed")]
    assert "2 came" in read_status(published)["reasons"]["rows:crm.leads"]
    monkeypatch.undo()
    assert build_all(published)["state"] == "fresh"


@pytest.mark.parametrize("error", [BeingBuilt("another build"), NoRoom("the disk is full")])
def test_what_is_no_word_of_a_source_is_told_as_it_is(
    published: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    before = last_told(published)

    def fail(*_given: object, **_named: object) -> dict[str, int]:
        raise error

    monkeypatch.setattr("warehouse.extract.extract", fail)
    with pytest.raises(type(error)):
        flow.extract(published)
    assert last_told(published) == before


def test_pages_that_cannot_be_written_leave_the_publication_as_it_is(
    published: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    folder = published.report_file.parent / "quality"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file in the place of the folder")
    with caplog.at_level(logging.WARNING, logger="triada.warehouse"):
        assert flow.publish(published)["state"] == "fresh"
    assert "the data-quality pages stay as they were" in caplog.text


@pytest.mark.parametrize("left", [b"", b'{"state": "sta', b"\0\0\0\0", b"\xff", b"[]"])
def test_a_status_cut_short_stops_no_publication(published: Settings, left: bytes) -> None:
    was = read_status(published)
    published.published_file.with_name("status.json").write_bytes(left)
    told = read_status(published)
    assert (told["state"], told["published_at"]) == ("fresh", was["published_at"])
    assert flow.publish(published)["state"] == "fresh"
    assert last_told(published)["state"] == "fresh"


EXPORTING = """
import sys, time
from pathlib import Path
from warehouse.leftovers import export_folder
with export_folder(Path(sys.argv[1])) as made:
    print(made, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_export_left_is_swept_and_what_one_uses_is_not(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "YOUNG_S", -1.0)
    folder = company.published_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", EXPORTING, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as export:
        assert export.stdout is not None
        made = Path(export.stdout.readline().strip())
        (made / "spilled").write_text("rows")
        leftovers.sweep(company)
        assert (made / "spilled").exists()
        os.kill(export.pid, signal.SIGKILL)
        export.wait()
        assert made.exists()
        leftovers.sweep(company)
        assert not made.exists()
