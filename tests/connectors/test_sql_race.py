"""Two workers at once: one record each, no error, nothing half done."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from connectors.protocol import Connector, Outcome, Read, Row
from connectors.registry import connect
from tests.connectors.conftest import Database
from tests.connectors.rows import ACCOUNTS, ORDERS, account, effects, line, order

WORKERS = 4


def _at_once(database: Database, batches: list[list[Row]]) -> list[list[Outcome]]:
    start = Barrier(len(batches))

    def work(rows: list[Row]) -> list[Outcome]:
        connector = connect("crm", database.urls["crm"])
        try:
            connector.open_window(Read("crm.accounts"), None)
            start.wait(timeout=30)
            return connector.write(ORDERS, rows)
        finally:
            connector.close()

    with ThreadPoolExecutor(len(batches)) as pool:
        return list(pool.map(work, batches))


def test_workers_that_insert_the_same_records_make_each_once(crm: Connector, database: Database) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(number, lines=[line(number, 1), line(number, 2)]) for number in range(120)]
    # Each starts elsewhere, so that they meet halfway and block one another.
    batches = [rows[turn * 30 :] + rows[: turn * 30] for turn in range(WORKERS)]
    outcomes = _at_once(database, batches)
    assert [one.error for batch in outcomes for one in batch if one.error] == []
    counted = Counter(effect for batch in outcomes for effect in effects(batch))
    assert counted == {"inserted": 120, "unchanged": 120 * (WORKERS - 1)}
    assert len(crm.lookup("crm.orders", "order_no", None)) == 120
    assert len(crm.lookup("crm.order_lines", "order_line_no", None)) == 240


def test_workers_that_change_the_same_records_leave_whole_documents(
    crm: Connector, database: Database
) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(number) for number in range(40)])
    batches = [
        [
            order(n, owner_no=f"E-{w}", lines=[line(n, 1, item_no=f"IT-{w}"), line(n, 2, item_no=f"IT-{w}")])
            for n in (range(40) if w % 2 else reversed(range(40)))
        ]
        for w in range(WORKERS)
    ]
    outcomes = _at_once(database, batches)
    assert [one.error for batch in outcomes for one in batch if one.error] == []
    documents = crm.fetch(
        Read("crm.orders", lines="crm.order_lines"), [row["order_no"] for row in batches[1]]
    )
    assert [len(row["lines"]) for row in documents] == [2] * 40
