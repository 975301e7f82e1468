"""A mail is due on its days at its time in its zone, whatever the clocks do, and once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.mail.due import LATEST, due, instant_on
from reports.mail.kept import Subscription

MADRID = ZoneInfo("Europe/Madrid")
DAILY = Subscription(
    1, 7, "joe@example.com", ("morning",), frozenset(range(7)), dt.time(8), "Europe/Madrid", "en",
    is_paused=False, active_since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
)  # fmt: skip
MONDAYS = replace(DAILY, weekdays=frozenset({0}))


def local(text: str, zone: ZoneInfo = MADRID) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)


def keys(now: dt.datetime, *subscriptions: Subscription, settled: set[str] | None = None) -> list[str]:
    return [one.key for one in due(now, subscriptions, settled=settled or set())]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 07:59:59", []),
        ("2026-11-23 08:00", ["subscription:1:2026-11-23"]),
        ("2026-11-23 23:59", ["subscription:1:2026-11-23"]),
        ("2026-11-24 07:59:59", ["subscription:1:2026-11-23"]),
        ("2026-11-24 08:00", []),
        ("2026-11-22 08:00", []),
    ],
)
def test_a_mail_of_mondays_is_due_for_a_day_from_its_time_on(now: str, expected: list[str]) -> None:
    assert keys(local(now), MONDAYS) == expected


def test_a_settled_mail_is_not_due_and_no_older_one_takes_its_place() -> None:
    now = local("2026-11-23 08:00")
    assert keys(now, DAILY) == ["subscription:1:2026-11-23"]
    assert keys(now, DAILY, settled={"subscription:1:2026-11-23"}) == []


def test_after_three_days_down_only_the_latest_is_due() -> None:
    assert keys(local("2026-11-26 09:00"), DAILY) == ["subscription:1:2026-11-26"]
    assert keys(local("2026-11-26 07:00"), DAILY) == ["subscription:1:2026-11-25"]


def test_a_paused_one_is_not_due() -> None:
    assert keys(local("2026-11-23 08:00"), replace(MONDAYS, is_paused=True)) == []


@pytest.mark.parametrize(("since", "is_due"), [("08:00", True), ("08:00:01", False)])
def test_what_was_due_before_it_was_asked_for_or_resumed_is_not_sent(since: str, is_due: bool) -> None:
    late = replace(MONDAYS, active_since=local(f"2026-11-23 {since}"))
    assert bool(keys(local("2026-11-23 10:00"), late)) == is_due


@pytest.mark.parametrize(
    ("day", "utc"),
    [("2026-03-28", "07:00"), ("2026-03-29", "06:00"), ("2026-10-24", "06:00"), ("2026-10-25", "07:00")],
)
def test_eight_is_eight_by_the_readers_clock_on_days_when_it_changes(day: str, utc: str) -> None:
    at = dt.datetime.fromisoformat(f"{day} {utc}+00:00")
    assert keys(at, DAILY) == [f"subscription:1:{day}"]
    before = keys(at - dt.timedelta(seconds=1), DAILY)
    # The day of 25 hours ends an hour after the mail before was worth sending.
    missed = [] if day == "2026-10-25" else [f"subscription:1:{dt.date.fromisoformat(day) - dt.timedelta(1)}"]
    assert before == missed


def test_a_time_that_the_clocks_skip_is_due_when_it_would_have_been() -> None:
    assert instant_on(dt.date(2026, 3, 29), dt.time(2, 30), MADRID) == local("2026-03-29 03:30")


def test_a_time_that_the_clocks_show_twice_is_due_the_first_time_and_once() -> None:
    night = replace(DAILY, at=dt.time(2, 30))
    first = instant_on(dt.date(2026, 10, 25), dt.time(2, 30), MADRID)
    assert first.hour == 0
    assert keys(first, night) == ["subscription:1:2026-10-25"]
    assert keys(first + dt.timedelta(hours=1), night, settled={"subscription:1:2026-10-25"}) == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"])
def test_the_day_is_the_readers_own(zone: str) -> None:
    there = replace(MONDAYS, timezone=zone)
    now = local("2026-11-23 08:00", ZoneInfo(zone))
    assert keys(now, there) == ["subscription:1:2026-11-23"]
    assert keys(now - dt.timedelta(seconds=1), there) == []


@given(
    st.datetimes(dt.datetime(2026, 1, 3), dt.datetime(2027, 12, 31)),  # noqa: DTZ001
    st.times(),
    st.sampled_from(["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Mexico_City"]),
)
def test_rounds_of_a_quarter_of_an_hour_send_a_daily_mail_once_a_day(
    start: dt.datetime, at: dt.time, zone: str
) -> None:
    daily = replace(DAILY, at=at.replace(second=0, microsecond=0), timezone=zone)
    settled: list[str] = []
    rounds = [start.replace(tzinfo=dt.UTC) + dt.timedelta(minutes=15) * n for n in range(4 * 24 * 3)]
    for now in rounds:
        settled += keys(now, daily, settled=set(settled))
    days = [start.date() + dt.timedelta(days=n) for n in range(-3, 6)]
    times = {day: instant_on(day, daily.at, ZoneInfo(zone)) for day in days}
    missed = [day for day in days if rounds[0] - LATEST < times[day] <= rounds[0]][-1:]
    met = [day for day in days if rounds[0] < times[day] <= rounds[-1]]
    assert settled == [f"subscription:1:{day}" for day in missed + met]
    assert len(met) >= 2
