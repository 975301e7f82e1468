"""Who works here is what the newest publication says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from connectors.errors import Refused
from reports.access.people import PublishedPeople
from reports.access.users import Person

MIDNIGHT_IN_MADRID = dt.datetime(2026, 11, 30, 23, 0, tzinfo=dt.UTC)


def publish(path: Path, *rows: tuple[str, str, str, bool, str | None]) -> None:
    """Put another file in place, as a publication does."""
    fresh = path.with_suffix(".new")
    with duckdb.connect(str(fresh)) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_employee "
            "(employee_no text, name text, role text, is_current boolean, left_on date)"
        )
        for row in rows:
            connection.execute("insert into core.dim_employee values (?, ?, ?, ?, ?)", row)
    fresh.replace(path)


def test_a_person_is_as_they_are_now_and_as_the_next_publication_says(tmp_path: Path) -> None:
    path = tmp_path / "triada.duckdb"
    publish(path, ("E-1", "Joe", "staff", False, None), ("E-1", "Joe", "sales", True, None))
    people = PublishedPeople(path, "Europe/Madrid")
    assert people("E-1") == Person("Joe", "sales")
    assert people("E-2") is None
    publish(path, ("E-1", "Joe M.", "executive", True, None))
    assert people("E-1") == ("Joe M.", "executive")


def test_the_last_day_is_a_day_at_work_by_the_companys_clock(tmp_path: Path) -> None:
    path = tmp_path / "triada.duckdb"
    publish(path, ("E-1", "Joe", "sales", True, "2026-11-30"), ("E-2", "Ann", "hr", True, "2027-01-31"))
    now = MIDNIGHT_IN_MADRID - dt.timedelta(seconds=1)
    people = PublishedPeople(path, "Europe/Madrid", clock=lambda: now)
    assert list(people.everybody()) == ["E-1", "E-2"]
    now = MIDNIGHT_IN_MADRID
    assert people("E-1") is None
    assert list(people.everybody()) == ["E-2"]


def test_without_a_publication_nobody_is_known_and_it_says_why(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="expected the published warehouse"):
        PublishedPeople(tmp_path / "triada.duckdb", "Europe/Madrid")("E-1")
