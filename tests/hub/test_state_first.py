"""Processes that are the first at the same time all find the hub's tables."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import Refused
from hub.memory import Memory
from hub.state import open_state

pytestmark = pytest.mark.slow

PROCESSES, ROUNDS = 6, 4


def first(address_of_round: list[str], gate: Any, said: Any) -> None:
    """What each process does: wait for the others, open, use; once a round."""
    for address in address_of_round:
        gate.wait(timeout=60)
        try:
            state = open_state(address)
            Memory(state, flow="orders", step="book").open_run()
            state.close()
            said.put("")
        except Exception as error:
            said.put(f"{type(error).__name__}: {error}")


def race(addresses: list[str]) -> list[str]:
    context = multiprocessing.get_context("spawn")
    gate, said = context.Barrier(PROCESSES), context.Queue()
    processes = [context.Process(target=first, args=(addresses, gate, said)) for _ in range(PROCESSES)]
    try:
        for process in processes:
            process.start()
        return [said.get(timeout=60) for _ in range(PROCESSES * len(addresses))]
    finally:
        for process in processes:
            process.join(timeout=10)
            process.kill()


def test_first_processes_on_a_new_sqlite_file_all_find_its_tables(tmp_path: Path) -> None:
    addresses = [f"sqlite:///{tmp_path / str(number) / 'state.db'}" for number in range(ROUNDS)]
    assert set(race(addresses)) == {""}
    for address in addresses:
        assert runs_in(address) == PROCESSES


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_first_processes_on_a_new_database_all_find_its_tables(
    request: pytest.FixtureRequest, kind: str
) -> None:
    address = request.getfixturevalue(f"new_{kind}")()
    assert set(race([address])) == {""}
    assert runs_in(address) == PROCESSES


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("this is a letter, not a database\n" * 100)
    with pytest.raises(Refused, match="not a database"):
        open_state(f"sqlite:///{tmp_path / 'state.db'}")


def runs_in(address: str) -> int:
    state = open_state(address)
    try:
        with state.reading() as connection:
            return int(connection.exec_driver_sql("select count(*) from runs").scalar_one())
    finally:
        state.close()
