"""`triada reconcile`: one row a step for a program, a page for a person, and a status that tells."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from commands.reconcile import SHOWN, Reconciliation, finish, reconcile, show
from connectors.errors import CountMismatch, LeaseHeld
from flows.people import PEOPLE
from flows.reconcile import reconcile as nightly
from hub.desk import open_desk
from hub.reconcile import Reconciled
from hub.reconcile_rows import Difference
from hub.run import run_flow
from models import crm, oa
from settings import Settings
from stores.engines import create_stores, open_stores
from tests.commands.small import make_stores
from tests.commands.test_run import triada

COLUMNS = {"flow", "step", "stream", "compared", "equal", "different", "missing", "extra", "repaired"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A company of two people, known to CRM and ERP."""
    urls = make_stores(tmp_path / "stores")
    given: dict[str, Any] = {f"{system}_url": url for system, url in urls.items()}
    settings = Settings(home=tmp_path, **given)
    with open_desk(settings) as desk:
        run_flow(desk, PEOPLE)
    return settings


def edit(settings: Settings, table: sa.Table, **values: Any) -> None:
    system = "crm" if table.metadata is crm.METADATA else "oa"
    engine = sa.create_engine(settings.url(system))
    with engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.employee_no == "E-0002").values(**values))
    engine.dispose()


def screen(done: Reconciliation, *, width: int = 80) -> list[str]:
    console = Console(file=StringIO(), width=width, highlight=False)
    show(done, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def people(settings: Settings, **options: bool) -> Reconciliation:
    given = {"repair": False, "full": False, **options}
    return reconcile("people", quiet=True, settings=settings, **given)


def test_equal_sides_are_told_in_one_line_and_are_well(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    done = people(settings)
    assert done.ok
    assert any("Both sides are equal." in line for line in screen(done))
    finish(done, as_json=True)
    rows = json.loads(capsys.readouterr().out)
    assert [(row["step"], row["stream"], row["compared"], row["equal"]) for row in rows] == [
        ("to_crm", "crm.staff", 2, 2),
        ("to_erp", "erp.staff", 2, 2),
    ]
    assert all(set(row) == COLUMNS for row in rows)


def test_a_difference_shows_both_values_the_owner_and_its_age_and_fails_the_command(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(settings, crm.staff, name="Somebody Else")
    done = people(settings)
    with pytest.raises(SystemExit):
        finish(done, as_json=True)
    assert [row["different"] for row in json.loads(capsys.readouterr().out)] == [1, 0]
    lines = screen(done)
    told = " ".join(line.strip() for line in lines)
    assert "crm.staff E-0002" in told
    assert "name: oa Person E-0002, crm Somebody Else; owner oa" in told
    assert "changed just now" in told
    assert "Left different: 1 row." in told
    assert max(map(len, lines)) <= 80


def test_a_repair_is_well_again(settings: Settings) -> None:
    edit(settings, crm.staff, name="Somebody Else")
    done = people(settings, repair=True)
    assert done.ok
    assert [row["repaired"] for row in done.document()] == [1, 0]
    assert any("What differed was repaired" in line for line in screen(done))
    assert people(settings).ok


def test_a_flow_that_stops_does_not_stop_the_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, oa_url="postgresql://joe:hunter2@127.0.0.1:1/none")
    create_stores(engines := open_stores({system: settings.url(system) for system in ("crm", "erp")}))
    for engine in engines.values():
        engine.dispose()
    done = reconcile("all", repair=False, full=False, quiet=True, settings=settings)
    assert not done.ok
    assert any(problem.startswith("people stopped") for problem in done.problems)
    assert "hunter2" not in str(done.problems)
    assert {"catalogue", "customers"} <= {step.flow for step in done.steps}


def test_files_and_what_is_not_published_are_told_as_not_compared(settings: Settings) -> None:
    leads = reconcile("leads", repair=False, full=False, quiet=True, settings=settings)
    forecasts = reconcile("forecasts", repair=False, full=False, quiet=True, settings=settings)
    told = " ".join(line.strip() for line in [*screen(leads), *screen(forecasts)])
    assert "leads.capture: not compared: files" in told
    assert "forecasts.propose: not compared: nothing is published yet" in told
    assert leads.ok
    assert forecasts.ok


def test_a_flow_that_is_none_is_named_with_those_there_are(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    done = reconcile("peopel", repair=False, full=False, quiet=True, settings=settings)
    with pytest.raises(SystemExit):
        finish(done, as_json=True)
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert "no flow 'peopel'; there are people" in said.err


def test_long_values_and_many_differences_stay_readable() -> None:
    at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
    many = [
        Difference(
            flow="orders", step="report_back", stream="crm.orders", key=f"CO-2026-{number:05d}",
            kind="different", field="refusal_reason", source="erp", in_source="no credit " * 40,
            in_target=None, owner="erp", changed_at=at,
        )
        for number in range(SHOWN + 5)
    ]  # fmt: skip
    step = Reconciled(
        "orders", "report_back", "crm.orders", compared=1_234_567, equal=1_234_512, different=55,
        left=55, differences=many,
    )  # fmt: skip
    lines = screen(Reconciliation([step]))
    assert max(map(len, lines)) <= 80
    assert sum("changed 3 h ago" in line for line in lines) == SHOWN
    assert any("and more" in line for line in lines)


def test_the_nightly_pipeline_repairs(settings: Settings) -> None:
    edit(settings, crm.staff, name="Somebody Else")
    counts = nightly(settings, flows=[PEOPLE])
    assert (counts["compared"], counts["different"], counts["repaired"], counts["left"]) == (4, 1, 1, 0)
    assert nightly(settings, flows=[PEOPLE])["written"] == 0


def test_the_nightly_pipeline_fails_when_it_could_not_repair(settings: Settings) -> None:
    edit(settings, oa.employees, name="Changed")
    with open_desk(settings) as desk, desk.lease(PEOPLE), pytest.raises(LeaseHeld):
        nightly(settings, flows=[PEOPLE])
    engine = sa.create_engine(settings.url("crm"))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "create trigger stubborn after update on staff begin "
            "update staff set name = 'Stubborn' where employee_no = new.employee_no; end"
        )
    engine.dispose()
    with pytest.raises(CountMismatch, match=r"people\.to_crm: 1 rows still differ"):
        nightly(settings, flows=[PEOPLE])


@pytest.mark.slow
def test_the_command_line_prints_one_document(settings: Settings, tmp_path: Path) -> None:
    edit(settings, crm.staff, name="Somebody Else")
    urls = {f"TRIADA_{system.upper()}_URL": settings.url(system) for system in ("oa", "crm", "erp")}
    done = triada(tmp_path, "reconcile", "people", "--json", **urls)
    assert (done.returncode, [row["different"] for row in json.loads(done.stdout)]) == (1, [1, 0])
