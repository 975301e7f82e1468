"""Who gets a lease: the first, by the database's clock; on every kind of database that may hold the state."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import LeaseHeld, LeaseLost, TriadaError
from hub import lease
from hub.lease import has_ended, held
from hub.state import State, open_state
from models.state import leases
from tests.promises.stage import Databases

TAKERS, FLOWS = 4, 12


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def address(
    request: pytest.FixtureRequest, databases_of: Callable[[str], Databases], tmp_path: Path
) -> Iterator[str]:
    """A state that nobody has used for leases yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state.db"
        return
    databases = databases_of(request.param)
    yield databases.urls["state"]
    with databases.engines["state"].begin() as connection:
        connection.execute(sa.delete(leases))


@pytest.fixture
def opened(address: str) -> Iterator[State]:
    made = open_state(address)
    yield made
    made.close()


def take(address: str, gate: Any, said: Any) -> None:
    """What each taker does: with the others, try to have each flow, and keep it until all have tried."""
    state = open_state(address)
    for number in range(FLOWS):
        gate.wait(timeout=60)
        try:
            with held(state, f"flow {number}", lasts_s=60) as mine:
                gate.wait(timeout=60)
                said.put((number, "got it", mine.token))
        except LeaseHeld:
            gate.wait(timeout=60)
            said.put((number, "is held", 0))
        except TriadaError as error:
            gate.wait(timeout=60)
            said.put((number, f"{type(error).__name__}: {error}", 0))
    state.close()


def test_of_those_who_take_a_new_lease_at_once_one_has_it(address: str) -> None:
    open_state(address).close()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.promises.workers"])
    gate, said = context.Barrier(TAKERS), context.Queue()
    takers = [context.Process(target=take, args=(address, gate, said)) for _ in range(TAKERS)]
    try:
        for taker in takers:
            taker.start()
        answers = [said.get(timeout=60) for _ in range(TAKERS * FLOWS)]
    finally:
        for taker in takers:
            taker.join(timeout=10)
            taker.kill()
    for number in range(FLOWS):
        mine = sorted(what for flow, what, _ in answers if flow == number)
        assert mine == ["got it", *["is held"] * (TAKERS - 1)]


def test_a_token_is_always_higher_than_the_one_before(opened: State) -> None:
    tokens = []
    for _ in range(5):
        with held(opened, "orders", lasts_s=60) as mine:
            tokens.append(mine.token)
    assert tokens == sorted(set(tokens))


def test_a_worker_whose_clock_is_wrong_takes_no_lease_that_holds(
    opened: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state's database says what time it is, to all workers the same."""
    monkeypatch.setattr(lease, "_me", lambda: "elsewhere process 1 of 2026-01-01T00:00:00Z")
    with held(opened, "orders", lasts_s=60):

        class Ahead(dt.datetime):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> Any:
                return dt.datetime.now(tz) + dt.timedelta(hours=1)

        ahead = SimpleNamespace(datetime=Ahead, timedelta=dt.timedelta, UTC=dt.UTC)
        monkeypatch.setattr(lease, "dt", ahead)
        with pytest.raises(LeaseHeld), held(opened, "orders", lasts_s=60):
            pass


def test_a_lease_that_another_took_over_can_neither_be_renewed_nor_given_back(opened: State) -> None:
    with held(opened, "orders", lasts_s=60) as first:
        with opened.writing() as connection:
            other = {"holder": "elsewhere process 1 of then", "token": first.token + 1}
            connection.execute(sa.update(leases).values(other))
        with pytest.raises(LeaseLost, match="and elsewhere process 1 of then took over"):
            first.renew()
    with pytest.raises(LeaseHeld, match="run by elsewhere"), held(opened, "orders", lasts_s=60):
        pass


def test_one_lease_holds_no_other_flow_up(opened: State) -> None:
    with held(opened, "orders", lasts_s=60), held(opened, "customers", lasts_s=60):
        pass


def test_a_process_of_another_host_is_never_taken_for_dead() -> None:
    assert not has_ended("elsewhere process 1 of 2026-01-01T00:00:00Z")
    assert not has_ended(lease._me())
    assert has_ended(lease._me().partition(" of ")[0] + " of 2020-01-01T00:00:00Z")
