"""The warehouse holds what the systems hold: to the last digit, microsecond and character, from each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from connectors.protocol import Row, Write
from connectors.registry import connect
from models import SYSTEMS, ddl
from settings import Settings
from tests.connectors.rows import ACCOUNTS, account, order
from tests.connectors.stores_api import serving
from tests.warehouse.company import make_stores, settings_at
from tests.warehouse.conftest import ask_build
from warehouse.extract import extract

AMOUNTS = ("0", "-0.0001", "99999999999999.9999", "-99999999999999.9999", "0.1000", "1234567890.0500")
TEXTS = (None, "", " ", "trailing  ",
         "O'Brien \\' \"x\" %s", "'; drop table orders; --", "שלום 👩\u200d👧 e\u0301",
         "\r\n\t", "null", "x" * 1_000_000)  # fmt: skip
INSTANTS = (
    dt.datetime(1, 1, 2, 0, 0, 0, 1, dt.UTC),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, dt.UTC),
    dt.datetime(2026, 10, 25, 0, 30, 0, 123_456, dt.UTC),
    dt.datetime(2026, 10, 25, 1, 30, 0, 123_456, dt.UTC),
    dt.datetime(9999, 12, 30, 23, 59, 59, 999_999, dt.UTC),
)
DAYS = (None, dt.date(1, 1, 1), dt.date(2028, 2, 29), dt.date(9999, 12, 31))


def orders() -> list[Row]:
    """Every value of each kind at least once."""
    return [
        order(
            n,
            total_amount=Decimal(AMOUNTS[n % len(AMOUNTS)]),
            refusal_reason=TEXTS[n],
            ordered_at=INSTANTS[n % len(INSTANTS)],
            requested_on=DAYS[n % len(DAYS)],
        )
        for n in range(len(TEXTS))
    ]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb", "http"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A company whose CRM holds these orders, on each kind of system."""
    settings = settings_at(tmp_path)
    make_stores(settings)
    url = settings.url("crm")
    if request.param in ("postgresql", "mariadb"):
        make: Callable[[], str] = request.getfixturevalue(f"new_{request.param}")
        url = make()
        engine = sa.create_engine(url)
        ddl.create(engine, SYSTEMS["crm"])
        engine.dispose()
    connector = connect("crm", url)
    rows = orders()
    assert not [one.error for one in connector.write(ACCOUNTS, [account(1)]) if one.error]
    write = Write("crm.orders", "order_no")
    given = [{name: value for name, value in row.items() if name != "lines"} for row in rows]
    assert not [one.error for one in connector.write(write, given) if one.error]
    connector.close()
    with ExitStack() as open_now:
        more: dict[str, Any] = {"crm_url": url}
        if request.param == "http":
            served = open_now.enter_context(serving("crm", url))
            more = {"crm_url": served.url, "crm_token": SecretStr(served.token)}
        yield settings.model_copy(update=more)


def test_raw_holds_the_systems_own_values(filled: Settings) -> None:
    extract(filled)
    columns = "order_no, total_amount, refusal_reason, requested_on, epoch_us(ordered_at)"
    came = {row[0]: row[1:] for row in ask_build(filled, f"select {columns} from raw.crm_orders")}
    first = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    for row in orders():
        micros = (row["ordered_at"] - first) // dt.timedelta(microseconds=1)
        wanted = (row["total_amount"], row["refusal_reason"], row["requested_on"], micros)
        assert came[row["order_no"]] == wanted
    assert extract(filled)["crm.orders"] == 0
