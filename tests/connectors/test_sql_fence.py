"""A worker that was away longer than its lease writes nothing more: the target itself knows who came next."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event

import pytest
import sqlalchemy as sa

from connectors import sql_engine, sql_write
from connectors.errors import LeaseLost, Unreachable
from connectors.protocol import Connector, Fence, Read
from connectors.registry import connect
from connectors.sql_document import Document, Target
from connectors.sql_plan import Plan, There, plan
from tests.connectors.conftest import Database
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, effects, order


@contextmanager
def worker(database: Database) -> Iterator[Connector]:
    """One more worker of the CRM, with connections of its own."""
    connector = connect("crm", database.urls["crm"])
    try:
        yield connector
    finally:
        connector.close()


def test_the_newest_token_writes_and_an_older_one_changes_nothing(crm: Connector, database: Database) -> None:
    assert effects(crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 5))) == ["inserted"]
    assert effects(crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 5))) == ["unchanged"]
    assert effects(crm.write(CAMPAIGNS, [campaign(2)], fence=Fence("orders", 7))) == ["inserted"]
    with worker(database) as late, pytest.raises(LeaseLost, match=r"crm: .*token 7 .*'orders'.* has 6"):
        late.write(CAMPAIGNS, [campaign(1, name="Late"), campaign(3)], fence=Fence("orders", 6))
    assert [row["name"] for row in crm.lookup("crm.campaigns", "campaign_no", None)] == ["Fair 1", "Fair 2"]
    assert database.sql("crm", "select name, token from fences") == [("orders", 7)]


def test_each_flow_has_a_fence_of_its_own(crm: Connector) -> None:
    assert effects(crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 9))) == ["inserted"]
    assert effects(crm.write(CAMPAIGNS, [campaign(2)], fence=Fence("leads", 1))) == ["inserted"]


def test_a_batch_that_is_refused_and_halved_is_fenced_all_the_same(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(1, status="lost in space"), order(2)]
    assert effects(crm.write(ORDERS, rows, fence=Fence("orders", 2))) == [
        "ck_orders_status_is_known",
        "inserted",
    ]
    with pytest.raises(LeaseLost):
        crm.write(ORDERS, rows, fence=Fence("orders", 1))


def test_a_store_without_fences_is_written_without(database: Database) -> None:
    database.sql("crm", "alter table fences rename to fences_of_old")
    try:
        with worker(database) as crm:
            assert effects(crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 2))) == ["inserted"]
            assert effects(crm.write(CAMPAIGNS, [campaign(2)], fence=Fence("orders", 1))) == ["inserted"]
    finally:
        database.sql("crm", "alter table fences_of_old rename to fences")


def test_two_tokens_never_write_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        ThreadPoolExecutor(2) as pool,
        worker(database) as first,
        worker(database) as second,
    ):
        new = [campaign(1, name="New")]
        first.write(CAMPAIGNS, new, fence=Fence("orders", 1))
        with _paused_in_mid_write(monkeypatch) as (arrived, go_on):
            late = pool.submit(first.write, CAMPAIGNS, [campaign(1, name="Old")], fence=Fence("orders", 1))
            assert arrived.wait(10)
            # Had it looked before the other was done, it would have found all as it wants it.
            after = pool.submit(second.write, CAMPAIGNS, new, fence=Fence("orders", 2))
            time.sleep(0.2)
            assert not after.done()
            go_on.set()
            assert effects(late.result(10)) == ["updated"]
            assert effects(after.result(10)) == ["updated"]
        with pytest.raises(LeaseLost):
            first.write(CAMPAIGNS, [campaign(1, name="Old")], fence=Fence("orders", 1))
        assert database.sql("crm", "select name from campaigns") == [("New",)]


@pytest.mark.parametrize("page", ["its first", "a later one"])
def test_a_worker_paused_in_mid_write_blocks_others_for_a_while_only(
    database: Database, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no server to end a paused worker's transaction: it ends with the process")
    monkeypatch.setattr(sql_engine, "IDLE_TIMEOUT_S", 1)
    with (
        ThreadPoolExecutor(2) as pool,
        worker(database) as first,
        worker(database) as second,
        ExitStack() as later,
    ):
        if page == "a later one":  # its token is the newest already: raising it changes nothing
            first.write(CAMPAIGNS, [campaign(2)], fence=Fence("orders", 1))
        arrived, go_on = later.enter_context(_paused_in_mid_write(monkeypatch))
        old = pool.submit(first.write, CAMPAIGNS, [campaign(1, name="Old")], fence=Fence("orders", 1))
        assert arrived.wait(10)
        rows = [campaign(1, name="New")]
        assert effects(second.write(CAMPAIGNS, rows, fence=Fence("orders", 2))) == ["inserted"]
        go_on.set()
        with pytest.raises(Unreachable):
            old.result(10)
        with pytest.raises(LeaseLost):
            first.write(CAMPAIGNS, [campaign(1, name="Old")], fence=Fence("orders", 1))
        assert [row["name"] for row in second.fetch(Read("crm.campaigns"), ["CA-00001"])] == ["New"]


def test_an_unchanged_batch_leaves_the_fence_as_it_is(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 3))
    sent: list[str] = []

    def note(*arguments: object) -> None:
        statement = str(arguments[2]).lower()
        if "fences" not in statement or not statement.startswith("insert"):  # MariaDB's: no change
            sent.append(statement.split()[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        crm.write(CAMPAIGNS, [campaign(1)], fence=Fence("orders", 3))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert not {"insert", "update", "delete"} & set(sent)


@contextmanager
def _paused_in_mid_write(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """The first write that compares stops there, its transaction open, until it may go on."""
    arrived, go_on = Event(), Event()

    def pausing(target: Target, batch: Sequence[Document], held: There) -> list[Plan]:
        if not arrived.is_set():
            arrived.set()
            assert go_on.wait(30)
        return plan(target, batch, held)

    monkeypatch.setattr(sql_write, "plan", pausing)
    try:
        yield arrived, go_on
    finally:
        go_on.set()
