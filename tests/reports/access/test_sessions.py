"""A session ends by itself, is written to seldom, and is nobody's who does not have its cookie."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from hub.state import State
from models import access
from reports.access import users
from reports.access.secret import Secret
from reports.access.sessions import Sessions
from reports.access.users import User
from tests.reports.access.conftest import NOW, PASSWORD, SECRET, Office

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def sessions(state: State) -> Sessions:
    return Sessions(state, SECRET, lasts=12 * HOUR, idle=2 * HOUR)


@pytest.fixture
def joe(state: State) -> User:
    return users.add(state, "Joe", now=NOW, role="sales")


def test_the_cookie_finds_its_user_as_added(sessions: Sessions, joe: User) -> None:
    assert sessions.user(sessions.open(joe.user_no, now=NOW), now=NOW) == joe


def test_a_session_without_a_look_ends_after_its_idle_time(sessions: Sessions, joe: User) -> None:
    cookie = sessions.open(joe.user_no, now=NOW)
    assert sessions.user(cookie, now=NOW + 2 * HOUR - MINUTE)
    assert sessions.user(cookie, now=NOW + 4 * HOUR - 2 * MINUTE)
    assert sessions.user(cookie, now=NOW + 6 * HOUR) is None


def test_a_session_in_use_ends_after_its_day(sessions: Sessions, joe: User) -> None:
    cookie = sessions.open(joe.user_no, now=NOW)
    for hours in range(12):
        assert sessions.user(cookie, now=NOW + hours * HOUR)
    assert sessions.user(cookie, now=NOW + 12 * HOUR) is None


def test_a_look_is_written_once_a_minute_at_most(sessions: Sessions, joe: User, state: State) -> None:
    cookie = sessions.open(joe.user_no, now=NOW)
    seen = set()
    for second in range(0, 130, 10):
        sessions.user(cookie, now=NOW + dt.timedelta(seconds=second))
        with state.reading() as connection:
            seen.add(connection.execute(sa.select(access.sessions.c.seen_at)).scalar_one())
    assert seen == {NOW, NOW + MINUTE, NOW + 2 * MINUTE}


def test_sessions_that_are_over_are_swept_out(sessions: Sessions, joe: User, state: State) -> None:
    sessions.open(joe.user_no, now=NOW)
    sessions.open(joe.user_no, now=NOW + HOUR)
    sessions.open(joe.user_no, now=NOW + 2 * HOUR)
    with state.reading() as connection:
        assert len(connection.execute(sa.select(access.sessions)).all()) == 2


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda c: c[1:], lambda c: c.rpartition(".")[0], lambda _: "é.ü"]
)
def test_a_cookie_that_was_not_signed_here_is_nobodys(sessions: Sessions, joe: User, spoil: object) -> None:
    assert callable(spoil)
    assert sessions.user(spoil(sessions.open(joe.user_no, now=NOW)), now=NOW) is None


def test_another_secret_ends_every_session(sessions: Sessions, joe: User, state: State) -> None:
    cookie = sessions.open(joe.user_no, now=NOW)
    other = Sessions(state, Secret(b"another" * 8), lasts=12 * HOUR, idle=2 * HOUR)
    assert other.user(cookie, now=NOW) is None


def test_what_is_read_from_the_database_opens_no_session(sessions: Sessions, joe: User, state: State) -> None:
    sessions.open(joe.user_no, now=NOW)
    with state.reading() as connection:
        kept = connection.execute(sa.select(access.sessions.c.token_hash)).scalar_one()
    assert sessions.user(SECRET.sign("session", kept), now=NOW) is None


def test_a_page_open_too_long_asks_for_a_sign_in(small: Office) -> None:
    browser = small.browser()
    browser.sign_in("joe", PASSWORD)
    small.pass_time(hours=1, minutes=59)
    assert browser.get("/").status_code == 200
    small.pass_time(hours=2)
    assert browser.get("/").status_code == 303
