"""A hub's database of each kind, and a mail server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.state import State, open_state
from reports.mail.sending import Office
from tests.reports.mail.fakes import Clock, FakePages, Mailbox, office_of, serving


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    return str(request.getfixturevalue(f"new_{request.param}")())


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


@pytest.fixture
def pages() -> FakePages:
    return FakePages()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    with serving(mailbox) as number:
        yield number


@pytest.fixture
def office(state: State, pages: FakePages, clock: Clock, port: int) -> Office:
    return office_of(state, pages, clock, port=port)
