"""Killed anywhere in a build or publication: the file stays whole, its status true, the next build right."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.published_file import open_published
from settings import Settings
from tests.warehouse.builders import STAGES, Job, finished, killed
from tests.warehouse.company import run_sql, settings_at
from tests.warehouse.test_publish import contents
from warehouse.status import read_status

WHOLE = {"build.duckdb", "build.lock", "status.json", "triada.duckdb"}
RANDOM_KILLS = 10
Contents = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Change:
    """A published company with a change that no build has read, and what is published before and after it."""

    home: Path
    old: Contents
    new: Contents
    passes: dict[str, int]
    seconds: float


def check_the_file_is_whole_and_its_status_true(settings: Settings, *whole: Contents) -> None:
    """One of the publications it may be, and the status is of that one."""
    assert contents(settings) in whole
    with open_published(settings.published_file) as file:
        itself = file.execute("select published_at, content from marts.mart_publication").fetchall()
    status = read_status(settings)
    assert [(dt.datetime.fromisoformat(status["published_at"]), status["content"])] == itself
    assert (status["state"], status["stale_since"], status["failed_checks"]) == ("fresh", None, [])


def check_the_next_build_is_right(settings: Settings, new: Contents) -> dict[str, Any]:
    """It needs nobody, leaves nothing behind, and says what an undisturbed one says."""
    outcome = finished(Job(settings.home))
    assert outcome.error == ""
    check_the_file_is_whole_and_its_status_true(settings, new)
    assert {path.name for path in settings.published_file.parent.iterdir()} == WHOLE
    published: dict[str, Any] = outcome.counts["publish"]
    return published


@pytest.fixture(scope="module")
def change(told: Settings, tmp_path_factory: pytest.TempPathFactory) -> Change:
    home = tmp_path_factory.mktemp("change") / "home"
    shutil.copytree(told.home, home)
    settings = settings_at(home)
    old = contents(settings)
    run_sql(settings, "crm", "update accounts set name = 'Acme & Co' where account_no = 'A-0001'")
    run_sql(settings, "erp", "delete from payments where payment_no = 'PA-2026-00004'")
    undisturbed = settings_at(tmp_path_factory.mktemp("undisturbed") / "home")
    shutil.copytree(home, undisturbed.home)
    outcome = finished(Job(undisturbed.home))
    assert outcome.error == ""
    new = contents(undisturbed)
    assert new != old
    return Change(home, old, new, outcome.passes, outcome.seconds)


@pytest.fixture
def company(change: Change, tmp_path: Path) -> Settings:
    shutil.copytree(change.home, tmp_path / "home")
    return settings_at(tmp_path / "home")


PUBLISHED = ("after replace", "before write_status", "after write_status", "after publish")
PUBLISHING = (
    *(("before fsync", 1), ("before replace", 1), ("after replace", 1), ("before fsync", 2)),
    *(("before write_status", 1), ("before fsync", 3), ("before replace", 2), ("after replace", 2)),
    *(("before fsync", 4), ("after write_status", 1)),
)


@pytest.mark.slow
@pytest.mark.parametrize(("point", "nth"), PUBLISHING)
def test_killed_at_a_step_of_publishing(change: Change, company: Settings, point: str, nth: int) -> None:
    assert killed(Job(company.home, point, nth))
    in_place = point in PUBLISHED or nth > 1
    check_the_file_is_whole_and_its_status_true(company, change.new if in_place else change.old)
    published = check_the_next_build_is_right(company, change.new)
    # Nobody was told of it before the status stood.
    was_told = point == "after write_status" or (point, nth) in (("after replace", 2), ("before fsync", 4))
    assert (published["written"] > 0) is not was_told


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("where", ["before", "after"])
def test_killed_between_stages(change: Change, company: Settings, where: str, stage: str) -> None:
    assert killed(Job(company.home, f"{where} {stage}"))
    in_place = (where, stage) == ("after", "publish")
    check_the_file_is_whole_and_its_status_true(company, change.new if in_place else change.old)
    check_the_next_build_is_right(company, change.new)


@pytest.mark.slow
@pytest.mark.parametrize("sixth", range(6))
@pytest.mark.parametrize("kind", ["execute", "commit"])
def test_killed_at_a_statement(change: Change, company: Settings, kind: str, sixth: int) -> None:
    """From the first one to the last, the others evenly between."""
    where = ("before", "after")[sixth % 2]
    passes = change.passes[f"{where} {kind}"]
    assert killed(Job(company.home, f"{where} {kind}", 1 + sixth * (passes - 1) // 5))
    check_the_file_is_whole_and_its_status_true(company, change.old, change.new)
    check_the_next_build_is_right(company, change.new)


@pytest.mark.slow
def test_killed_at_any_time(change: Change, company: Settings) -> None:
    """One company is killed again and again, so that what one death leaves is there at the next.

    Once a build came to its end, the next ones have half as much to do.
    """
    moments = random.Random(5)
    died = 0
    for _ in range(RANDOM_KILLS):
        died += killed(Job(company.home), after_s=moments.uniform(0, change.seconds / 2))
        check_the_file_is_whole_and_its_status_true(company, change.old, change.new)
    assert died >= RANDOM_KILLS // 3
    check_the_next_build_is_right(company, change.new)


@pytest.mark.slow
def test_killed_before_anything_was_published(company: Settings) -> None:
    """There is no file then, and no status that says there is one."""
    folder = company.published_file.parent
    shutil.rmtree(folder)  # and the history with it
    assert finished(Job(company.home)).error == ""
    first = contents(company)
    for point, nth in (("after core", 1), ("before replace", 1), ("before write_status", 1)):
        shutil.rmtree(folder)
        assert killed(Job(company.home, point, nth))
        if point == "before write_status":
            check_the_file_is_whole_and_its_status_true(company, first)
        else:
            assert not company.published_file.exists()
            assert read_status(company)["state"] == "missing"
        check_the_next_build_is_right(company, first)
