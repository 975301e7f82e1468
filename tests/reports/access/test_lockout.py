"""Guessing takes ever longer, however many guess at once, and the owner of a name comes in again."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import threading
from typing import Any

import pytest

from hub.state import State, open_state
from models import access
from reports.access.lockout import FIRST_WAIT, FORGOTTEN_AFTER, FREE, LONGEST_WAIT, Lockout, network
from tests.reports.access.conftest import NOW, PASSWORD, SECRET, Office

FIRST_S = int(FIRST_WAIT.total_seconds())


@pytest.fixture
def lockout(state: State) -> Lockout:
    return Lockout(state, SECRET)


def fail(lockout: Lockout, times: int, *, name: str = "joe", address: str = "192.0.2.1") -> list[int]:
    """The wait that each of so many tries at once met, in seconds."""
    return [lockout.attempt(name, address, now=NOW).wait_s for _ in range(times)]


def test_the_fifth_failure_makes_the_next_try_wait(lockout: Lockout) -> None:
    assert fail(lockout, FREE + 2) == [0] * FREE + [FIRST_S, FIRST_S]


def test_each_failure_after_it_doubles_the_wait_up_to_a_quarter_of_an_hour(lockout: Lockout) -> None:
    fail(lockout, FREE)
    now, waits = NOW, []
    for _ in range(8):
        wait_s = lockout.attempt("joe", "192.0.2.1", now=now).wait_s
        waits.append(wait_s)
        now += dt.timedelta(seconds=wait_s)
        assert lockout.attempt("joe", "192.0.2.1", now=now).wait_s == 0
    longest = int(LONGEST_WAIT.total_seconds())
    assert waits == [30, 60, 120, 240, 480, longest, longest, longest]


def test_a_name_is_held_up_from_every_address_and_an_address_for_every_name(lockout: Lockout) -> None:
    for number in range(FREE):
        fail(lockout, 1, address=f"192.0.2.{number}")
    assert fail(lockout, 1, address="192.0.2.99") == [FIRST_S]
    assert fail(lockout, 1, name="anna", address="192.0.2.99") == [0]
    for number in range(FREE):
        fail(lockout, 1, name=f"guess{number}", address="198.51.100.1")
    assert fail(lockout, 1, name="anna", address="198.51.100.1") == [FIRST_S]


def test_a_success_forgives_the_name_and_what_it_did_to_the_address(lockout: Lockout) -> None:
    fail(lockout, 3, name="anna")
    lockout.succeeded(lockout.attempt("anna", "192.0.2.1", now=NOW))
    assert fail(lockout, FREE + 1) == [0] * FREE + [FIRST_S]


def test_an_account_of_ones_own_buys_no_guesses_at_others(lockout: Lockout) -> None:
    waits = []
    for number in range(FREE + 1):
        waits += fail(lockout, 1, name=f"guess{number}")
        mine = lockout.attempt("mine", "192.0.2.1", now=NOW)
        if not mine.wait_s:
            lockout.succeeded(mine)
    assert waits == [0] * FREE + [FIRST_S]


def test_failures_are_forgotten_after_half_a_day(lockout: Lockout, state: State) -> None:
    fail(lockout, FREE)
    later = NOW + FORGOTTEN_AFTER
    assert lockout.attempt("joe", "192.0.2.1", now=later).wait_s == 0
    assert lockout.attempt("joe", "192.0.2.1", now=later).wait_s == 0
    lockout.forget(now=later + FORGOTTEN_AFTER)
    with state.reading() as connection:
        assert connection.execute(access.failures.select()).all() == []


def test_names_and_addresses_are_not_kept_in_clear(lockout: Lockout, state: State) -> None:
    fail(lockout, 1, name="hunter2")
    with state.reading() as connection:
        kept = str(connection.execute(access.failures.select()).all())
    assert "hunter2" not in kept and "192.0.2.1" not in kept


def test_of_many_tries_at_once_only_the_free_ones_are_let_through(lockout: Lockout) -> None:
    waits: list[int] = []
    gate = threading.Barrier(8)

    def guess() -> None:
        gate.wait()
        waits.extend(fail(lockout, 3))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(waits), waits.count(0)) == (24, FREE)


def guess_here(address: str, gate: Any, said: Any) -> None:
    """What each process does."""
    state = open_state(address)
    gate.wait(timeout=60)
    said.put(fail(Lockout(state, SECRET), 5))
    state.close()


@pytest.mark.slow
def test_processes_count_together(database: str, state: State) -> None:
    assert state
    context = multiprocessing.get_context("spawn")
    gate, said = context.Barrier(2), context.Queue()
    processes = [context.Process(target=guess_here, args=(database, gate, said)) for _ in range(2)]
    try:
        for process in processes:
            process.start()
        waits = said.get(timeout=60) + said.get(timeout=60)
    finally:
        for process in processes:
            process.join(timeout=10)
            process.kill()
    assert waits.count(0) == FREE


@pytest.mark.parametrize(
    ("address", "counted"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
     ("::ffff:192.0.2.1", "192.0.2.1"), ("", ""), ("testclient", "testclient")],
)  # fmt: skip
def test_an_address_is_what_one_customer_has(address: str, counted: str) -> None:
    assert network(address) == counted


def test_whoever_has_to_wait_is_told_how_long_even_with_the_right_password(office: Office) -> None:
    for _ in range(FREE):
        assert office.browser().sign_in("joe", "wrong password").status_code == 401
    told = office.browser(address="198.51.100.9").sign_in("joe", PASSWORD)
    assert (told.status_code, told.headers["retry-after"]) == (429, str(FIRST_S))
    assert "Try again in a minute." in told.text
    office.open()  # as after a restart
    assert office.browser(address="198.51.100.9").sign_in("joe", PASSWORD).status_code == 429
    office.pass_time(seconds=FIRST_S)
    assert office.browser(address="198.51.100.9").sign_in("joe", PASSWORD).status_code == 303
    assert [act for act, _, _ in office.acts()] == ["sign_in_failed"] * FREE + ["locked", "sign_in"]
    assert office.acts()[-2] == ("locked", "joe", f"no try for {FIRST_S} s")


def test_a_name_that_nobody_has_is_held_up_the_same_way(small: Office) -> None:
    answers = [small.browser().sign_in("nobody", "wrong password") for _ in range(FREE + 1)]
    assert [answer.status_code for answer in answers] == [401] * FREE + [429]


def test_whoever_goes_on_guessing_fills_up_no_table(small: Office) -> None:
    for number in range(FREE):
        small.browser().sign_in(f"guess{number}", "wrong password")
    before = (small.rows(access.failures), small.rows(access.audit))
    for number in range(3):
        assert small.browser().sign_in(f"more{number}", "wrong password").status_code == 429
    assert (small.rows(access.failures), small.rows(access.audit)) == before
