"""A question that cannot be answered ends in time, with what its reader can do about it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.errors import TriadaError
from reports.access.viewer import COMPANY
from reports.publication import LIMIT_S, Publication, TooLarge, TooSlow
from reports.told import BadAddress

ENDLESS = "select sum(a.i * b.i) as n from range(100000000) as a(i), range(100000000) as b(i)"
LONG = "select i from range(1000000000) as r(i)"
BEYOND = "select timestamptz '2026-01-01' - to_days(cast($days as integer)) as day"
WIDE = "select i, repeat('x', 200) || i as text from range(100000000) as r(i) order by text"


@pytest.fixture
def publication(unread: Path) -> Publication:
    return Publication(unread)


def streamed(publication: Publication, select: str, limit_s: float = LIMIT_S, **values: Any) -> list[Any]:
    with publication.stream(COMPANY, select, values, limit_s=limit_s) as answer:
        return list(answer.fetchall())


def asked(publication: Publication, select: str, **values: Any) -> list[Any]:
    return list(publication.rows(COMPANY, select, values, limit_s=LIMIT_S))


def test_rows_of_a_file_that_take_too_long_are_stopped(publication: Publication) -> None:
    began = time.monotonic()
    with pytest.raises(TooSlow):
        streamed(publication, ENDLESS, limit_s=0.3)
    assert time.monotonic() - began < 5
    assert streamed(publication, "select 1") == [(1,)]


def test_rows_of_a_file_that_nobody_takes_in_time_are_stopped(publication: Publication) -> None:
    with pytest.raises(TooSlow), publication.stream(COMPANY, LONG, {}, limit_s=0.3) as answer:
        assert len(answer.fetchmany(1000)) == 1000
        time.sleep(0.6)
        while answer.fetchmany(100_000):
            pass


@pytest.mark.parametrize("ask", [asked, streamed])
def test_a_number_beyond_what_can_be_reckoned_with_is_the_askers_mistake(
    publication: Publication, ask: Any
) -> None:
    with pytest.raises(BadAddress, match="beyond what can be reckoned with") as told:
        ask(publication, BEYOND, days=999_999_999)
    assert "select" not in str(told.value)


@pytest.mark.parametrize("ask", [asked, streamed])
def test_a_mistake_of_ours_is_nobody_elses(publication: Publication, ask: Any) -> None:
    with pytest.raises(duckdb.ConversionException):
        ask(publication, "select cast('x' as integer) as n")


@pytest.mark.parametrize("ask", [asked, streamed])
def test_a_question_that_needs_too_much_memory_is_told_of(publication: Publication, ask: Any) -> None:
    publication._root.execute("set memory_limit = '50MB'; set max_temp_directory_size = '0B'")
    with pytest.raises(TooLarge) as told:
        ask(publication, WIDE)
    assert isinstance(told.value, TriadaError)
    assert "select" not in str(told.value)
