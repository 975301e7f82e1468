"""Values come back exactly as they were given, or are rejected before any database bends them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from connectors.protocol import Connector, Read, Write
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.rows import ACCOUNTS, account, effects

LEADS = Write("crm.leads", "lead_no")
PRODUCTS = Write("crm.products", "item_no")
TEXTS = (
    'O\'Brien "& Söhne" 100%',
    "日本語 🚀 ﷽",
    " spaces around ",
    "line\nbreak\ttab\r\n",
    "%s %(name)s :name ?",
    "\\N \\x00 \\",
    "null",
    "",
)
AMOUNTS = ("99999999999999.9999", "-99999999999999.9999", "0", "-0.0000", "0.0001", "-0.0001", "1E+3")
BAD: tuple[tuple[str, Any, str], ...] = (
    ("credit_limit", 1.5, "float"),
    ("credit_limit", Decimal("0.00001"), "4 digits"),
    ("credit_limit", Decimal("100000000000000"), "18 digits"),
    ("credit_limit", Decimal("NaN"), "18 digits"),
    ("credit_limit", "a lot", "expected a Decimal"),
    ("credit_limit", True, "expected a Decimal"),
    ("name", "NUL \0 in it", "NUL"),
    ("name", "half \ud83d pair", "surrogate"),
    ("name", "x" * 201, "at most 200 characters"),
    ("name", 7, "expected text"),
    ("name", None, "may not be empty"),
    ("employees", 2**31, "32 bits"),
    ("employees", True, "whole number"),
    ("created_on", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "date without a time"),
    ("created_on", "2026-01-01", "date without a time"),
)


def test_amounts_are_exact(crm: Connector) -> None:
    rows = [account(n, credit_limit=Decimal(amount)) for n, amount in enumerate(AMOUNTS)]
    assert set(effects(crm.write(ACCOUNTS, rows))) == {"inserted"}
    assert set(effects(crm.write(ACCOUNTS, rows))) == {"unchanged"}
    kept = [row["credit_limit"] for row in crm.lookup("crm.accounts", "account_no", None)]
    assert kept == [Decimal(amount) for amount in AMOUNTS]
    assert {type(amount) for amount in kept} == {Decimal}
    assert len(crm.lookup("crm.accounts", "credit_limit", [Decimal("-0.0")])) == 2


def test_text_is_kept_to_the_character(crm: Connector) -> None:
    rows = [account(n, name=text) for n, text in enumerate(TEXTS)]
    assert set(effects(crm.write(ACCOUNTS, rows))) == {"inserted"}
    assert set(effects(crm.write(ACCOUNTS, rows))) == {"unchanged"}
    assert [row["name"] for row in crm.lookup("crm.accounts", "account_no", None)] == [*TEXTS]
    assert {row["name"] for row in crm.lookup("crm.accounts", "name", TEXTS)} == {*TEXTS}


def test_instants_keep_their_microseconds_whatever_their_zone(crm: Connector, database: Database) -> None:
    local = dt.datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    lead = {
        "lead_no": "L-1",
        "source": "web",
        "stage": "won",
        "currency": "EUR",
        "created_at": dt.datetime(1901, 1, 1, tzinfo=dt.UTC),
        "closed_at": local,
    }
    table = stream_table("crm.leads")
    for effect in ("inserted", "unchanged"):
        outcomes = crm.write(LEADS, [lead])
        assert effects(outcomes) == [effect]
    (kept,) = crm.fetch(Read("crm.leads"), ["L-1"])
    assert (kept["closed_at"], kept["closed_at"].tzinfo) == (local, dt.UTC)
    with database.engines["crm"].connect() as connection:
        assert connection.execute(table.select()).mappings().one()["closed_at"] == local


def test_true_is_true_and_one_is_true(crm: Connector) -> None:
    product = {
        "item_no": "IT-1",
        "name": "Desk",
        "unit_price": Decimal(1),
        "currency": "EUR",
        "available_quantity": Decimal(0),
    }
    for given, effect in ((True, "inserted"), (1, "unchanged"), (0, "updated"), (False, "unchanged")):
        assert effects(crm.write(PRODUCTS, [{**product, "is_active": given}])) == [effect]
    (kept,) = crm.fetch(Read("crm.products"), ["IT-1"])
    assert kept["is_active"] is False


def test_what_a_column_cannot_hold_is_rejected_alone(crm: Connector) -> None:
    rows = [account(n, **{column: value}) for n, (column, value, _) in enumerate(BAD)]
    outcomes = crm.write(ACCOUNTS, [*rows, account(900)])
    assert effects(outcomes) == [*(f"value:{column}" for column, _, _ in BAD), "inserted"]
    for number, (_, _, expected) in enumerate(BAD):
        message = str(outcomes[number].error)
        assert message.startswith(f"crm.accounts A-{number:04}: ")
        assert expected in message


def test_a_column_that_is_not_there_is_rejected_by_name(crm: Connector) -> None:
    outcomes = crm.write(ACCOUNTS, [account(1, colour="red"), account(2)])
    assert effects(outcomes) == ["unknown_column:colour", "inserted"]
    assert "no column 'colour'" in str(outcomes[0].error)


def test_an_instant_without_its_zone_is_rejected(crm: Connector) -> None:
    lead = {
        "lead_no": "L-1",
        "source": "web",
        "stage": "new",
        "currency": "EUR",
        "created_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None),
    }
    (outcome,) = crm.write(LEADS, [lead])
    assert effects([outcome]) == ["value:created_at"]
    assert "time zone" in str(outcome.error)
