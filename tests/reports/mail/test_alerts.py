"""An alert is told when its number crosses, not while it stays, and not in quiet hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reports.mail.alerts import is_beyond, is_quiet, looked, to_tell
from reports.mail.kept import Alert

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ALERT = Alert(1, 7, "joe@example.com", "open_orders", "above", Decimal(10), "Europe/Madrid", "en")
NIGHT = replace(ALERT, quiet=(dt.time(20), dt.time(7)))
NOON = replace(ALERT, quiet=(dt.time(12), dt.time(14)))


@pytest.mark.parametrize(
    ("comparison", "value", "beyond"),
    [("above", "10", False), ("above", "10.0001", True), ("below", "10", False), ("below", "9.9999", True)],
)
def test_a_value_equal_to_the_threshold_is_not_beyond(comparison: str, value: str, beyond: bool) -> None:
    assert is_beyond(replace(ALERT, comparison=comparison), Decimal(value)) is beyond


def test_a_crossing_is_kept_as_first_seen_until_it_is_told() -> None:
    crossed = looked(ALERT, Decimal(11), now=NOW)
    later = looked(crossed, Decimal(99), now=NOW + dt.timedelta(hours=1))
    back = looked(later, Decimal(1), now=NOW + dt.timedelta(hours=2))
    again = looked(back, Decimal(50), now=NOW + dt.timedelta(hours=3))
    for alert in (crossed, later, back, again):
        assert (alert.crossed_at, alert.crossed_value) == (NOW, Decimal(11))
    assert [alert.is_beyond for alert in (crossed, later, back, again)] == [True, True, False, True]
    assert again.last_value == Decimal(50)


def test_once_told_it_is_silent_until_it_was_back() -> None:
    told = replace(looked(ALERT, Decimal(11), now=NOW), crossed_at=None, crossed_value=None)
    assert looked(told, Decimal(12), now=NOW).crossed_at is None
    armed = looked(told, Decimal(10), now=NOW)
    assert looked(armed, Decimal(12), now=NOW).crossed_at == NOW


def test_no_value_changes_nothing() -> None:
    assert looked(ALERT, None, now=NOW) is ALERT


@pytest.mark.parametrize(
    ("alert", "local", "quiet"),
    [
        (NIGHT, "19:59:59", False), (NIGHT, "20:00", True), (NIGHT, "23:59:59", True), (NIGHT, "00:00", True),
        (NIGHT, "06:59:59", True), (NIGHT, "07:00", False), (NOON, "11:59", False), (NOON, "12:00", True),
        (NOON, "13:59", True), (NOON, "14:00", False), (ALERT, "03:00", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", ["2026-11-23", "2026-03-29", "2026-10-25"])
def test_quiet_hours_are_by_the_readers_clock_also_over_midnight(
    alert: Alert, local: str, quiet: bool, day: str
) -> None:
    now = dt.datetime.fromisoformat(f"{day} {local}").replace(tzinfo=ZoneInfo("Europe/Madrid"))
    assert is_quiet(alert, now.astimezone(dt.UTC)) is quiet


def test_alerts_that_may_be_told_are_together_by_user_address_and_language() -> None:
    crossed = looked(ALERT, Decimal(11), now=NOW)
    others = [
        replace(crossed, id=2), replace(crossed, id=3, locale="es"), replace(crossed, id=4, user_no=9),
        replace(crossed, id=5, address="else@example.com"), replace(crossed, id=6, is_paused=True),
        replace(crossed, id=7, mail_key="alerts:7:x"), replace(ALERT, id=8),
        replace(crossed, id=9, quiet=(dt.time(12), dt.time(14))),
    ]  # fmt: skip
    groups = to_tell([crossed, *others], now=NOW)
    assert [[alert.id for alert in group] for group in groups] == [[1, 2], [3], [4], [5]]
