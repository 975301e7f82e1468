"""Values come back exactly as they were given, or are rejected before any database bends them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

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


@pytest.mark.parametrize(
    "amount", ["99999999999999.9999", "-99999999999999.9999", "0", "-0.0000", "0.0001", "-0.0001", "1E+3"]
)
def test_amounts_are_exact(crm: Connector, amount: str) -> None:
    row = account(1, credit_limit=Decimal(amount))
    assert effects(crm.write(ACCOUNTS, [row])) == ["inserted"]
    assert effects(crm.write(ACCOUNTS, [row])) == ["unchanged"]
    (kept,) = crm.fetch(Read("crm.accounts"), ["A-0001"])
    assert kept["credit_limit"] == Decimal(amount)
    assert isinstance(kept["credit_limit"], Decimal)
    assert len(crm.lookup("crm.accounts", "credit_limit", [Decimal(amount)])) == 1


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_kept_to_the_character(crm: Connector, text: str) -> None:
    row = account(1, name=text)
    assert effects(crm.write(ACCOUNTS, [row])) == ["inserted"]
    assert effects(crm.write(ACCOUNTS, [row])) == ["unchanged"]
    assert [row["name"] for row in crm.lookup("crm.accounts", "name", None)] == [text]


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


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
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
        ("updated", 1, "no column 'updated'"),
    ],
)
def test_what_a_column_cannot_hold_is_rejected_alone(
    crm: Connector, column: str, value: Any, expected: str
) -> None:
    outcomes = crm.write(ACCOUNTS, [account(1), account(2, **{column: value}), account(3)])
    rule = f"unknown_column:{column}" if column == "updated" else f"value:{column}"
    assert effects(outcomes) == ["inserted", rule, "inserted"]
    assert str(outcomes[1].error).startswith("crm.accounts A-0002: ")
    assert expected in str(outcomes[1].error)


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
