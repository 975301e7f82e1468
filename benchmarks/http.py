"""How fast a store is read over HTTP: the connector's pages beside plain concurrent paging of the same API.

Orders with their lines behind a CRM's API in a process of its own, over SQLite. The baseline pages four equal
spans of time at once with the same HTTP client and keeps the JSON as it came: no values, no order, no count.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.data.databases import engine
from connectors.protocol import Read
from connectors.rest import RestConnector
from connectors.rest_values import instant_text
from models import SYSTEMS, ddl
from stores.api.tokens import add_token

ORDERS, LINES_EACH, PAGE, AT_ONCE, GOAL = 100_000, 3, 1000, 4, 0.5
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ROOT = Path(__file__).resolve().parent.parent
_NUMBERS = (
    f"with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < {ORDERS - 1})"
)
_CRM = (
    """insert into accounts (account_no, name, owner_no, currency, status, created_on)
values ('A-00001', 'Company 1', 'E-0001', 'EUR', 'active', '2026-01-01')""",
    f"""insert into orders (order_no, account_no, owner_no, status, ordered_at, currency, total_amount,
approval_status, updated_at) {_NUMBERS} select printf('CO-2026-%07d', n), 'A-00001', 'E-0001', 'confirmed',
'2026-01-01 00:00:00.000000', 'EUR', '59.4000', 'none',
strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || n || ' seconds') from numbers""",
    f"""insert into order_lines (order_line_no, order_no, line_no, item_no, quantity, unit_price,
discount_rate, line_amount) {_NUMBERS} select printf('CO-2026-%07d:%d', n, line), printf('CO-2026-%07d', n),
line, 'IT-0001', '2.0000', '9.9000', '0.0000', '19.8000'
from numbers, (select 1 as line union select 2 union select 3)""",
)
SERVE = """
from stores.api.serve import serve
from stores.api.store import Limits
import sys
serve("crm", sys.argv[1], port=int(sys.argv[2]), limits=Limits(rate=1e6, burst=10**6))
"""


def run() -> list[dict[str, Any]]:
    """One row: orders, seconds of the connector, seconds of plain paging; the ratio is of orders a second."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/crm.db"
        token = _fill(database)
        with _served(database, token) as url:
            plain = _timed(lambda: _page_plainly(url, token))
            ours = _timed(lambda: _read(url, token))
    ratio = plain / ours
    return [
        {
            "name": "orders with lines over HTTP",
            "rows": ORDERS,
            "seconds": round(ours, 2),
            "baseline": f"plain paging, {AT_ONCE} at once",
            "baseline_seconds": round(plain, 2),
            "ratio": round(ratio, 2),
            "goal": GOAL,
            "met": ratio >= GOAL,
        }
    ]


def _fill(database: str) -> str:
    """Orders that changed a second apart, and a token of the hub's."""
    with engine(database) as crm:
        ddl.create_tables(crm, SYSTEMS["crm"])
        with crm.begin() as connection:
            for statement in _CRM:
                connection.exec_driver_sql(statement)
            token = add_token(connection, "crm", name="bench", scopes="crm:hub", at=START)
        ddl.create_triggers(crm, SYSTEMS["crm"])
    return token


@contextmanager
def _served(database: str, token: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", SERVE, database, str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _await(url, token, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await(url: str, token: str, server: subprocess.Popen[bytes]) -> None:
    connector = RestConnector("crm", url, token=token)
    while server.poll() is None:
        try:
            httpx.get(url, timeout=5)
            break
        except httpx.ConnectError:
            time.sleep(0.1)
    connector.drift("crm.orders")
    connector.close()


def _timed(work: Any) -> float:
    started = time.perf_counter()
    came = work()
    seconds = time.perf_counter() - started
    if came != (ORDERS, ORDERS * LINES_EACH):
        raise AssertionError(f"{came} orders and lines came; expected {ORDERS} with {LINES_EACH} each")
    return seconds


def _page_plainly(url: str, token: str) -> tuple[int, int]:
    step = ORDERS // AT_ONCE
    headers = {"Authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_connections=AT_ONCE)
    with httpx.Client(base_url=url, headers=headers, timeout=60, limits=limits) as client:

        def span(start: int) -> tuple[int, int]:
            between = {
                "changed_since": instant_text(_stamp(start - 1)),
                "until": instant_text(_stamp(start + step - 1)),
            }
            asked = {**between, "limit": str(PAGE), "lines": "true"}
            orders = lines = 0
            while True:
                body = client.get("/orders", params=asked).raise_for_status().json()
                orders += len(body["rows"])
                lines += sum(len(row["lines"]) for row in body["rows"])
                if not body["next_page_token"]:
                    return orders, lines
                asked["page_token"] = body["next_page_token"]

        with ThreadPoolExecutor(AT_ONCE) as pool:
            came = list(pool.map(span, range(0, ORDERS, step)))
    return sum(orders for orders, _ in came), sum(lines for _, lines in came)


def _read(url: str, token: str) -> tuple[int, int]:
    read = Read("crm.orders", lines="crm.order_lines")
    connector = RestConnector("crm", url, token=token)
    window = connector.open_window(read, None)
    orders = lines = 0
    for page in connector.pages(read, window, PAGE):
        orders += len(page)
        lines += sum(len(row["lines"]) for row in page)
    least, most = connector.bounds(read, window)
    connector.close()
    if not least <= orders <= most:
        raise AssertionError(f"{orders} orders came; the API says {least} to {most}")
    return orders, lines


def _stamp(n: int) -> dt.datetime:
    return START + dt.timedelta(seconds=n)
