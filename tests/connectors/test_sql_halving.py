"""One bad row among very many: it alone stays behind, told by its rule, after few tries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
import sqlalchemy as sa

from connectors import sql_values
from connectors.errors import RecordRejected
from connectors.protocol import Connector, Read, Row
from tests.connectors.conftest import Database
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, effects, line, order

BATCH = 5_000


@contextmanager
def transactions() -> Iterator[list[str]]:
    """What became of each transaction meanwhile, on any database."""
    seen: list[str] = []

    def committed(_connection: object) -> None:
        seen.append("commit")

    def rolled_back(_connection: object) -> None:
        seen.append("rollback")

    sa.event.listen(sa.Engine, "commit", committed)
    sa.event.listen(sa.Engine, "rollback", rolled_back)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "commit", committed)
        sa.event.remove(sa.Engine, "rollback", rolled_back)


@pytest.mark.parametrize("rows", [BATCH, pytest.param(100_000, marks=pytest.mark.slow)])
def test_one_bad_row_costs_few_tries_and_only_itself(crm: Connector, database: Database, rows: int) -> None:
    bad = rows * 2 // 3
    crm.write(ACCOUNTS, [account(1)])
    refused = []
    with transactions() as seen:
        for start in range(0, rows, BATCH):
            batch = [order(number, lines=[]) for number in range(start, start + BATCH)]
            if start <= bad < start + BATCH:
                batch[bad - start]["fulfilment"] = "teleported"
            refused += [one for one in crm.write(ORDERS, batch) if one.effect != "inserted"]
    assert [(one.key, one.effect) for one in refused] == [(f"CO-2026-{bad:05}", "refused")]
    assert effects(refused) == ["ck_orders_fulfilment_is_known"]
    assert database.sql("crm", "select count(*) from orders") == [(rows - 1,)]
    # Each refusal halves: log2(5,000) = 13 of them, as many halves that pass, and the other batches.
    assert seen.count("commit") + seen.count("rollback") <= 2 * 14 + rows // BATCH


def test_bad_rows_of_several_kinds_are_each_told_by_their_own_rule(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(number) for number in range(500)]
    rows[3]["status"] = "lost"
    rows[77]["account_no"] = "A-0404"
    rows[78]["total_amount"] = Decimal("0.00001")
    rows[250]["lines"] = [line(250, 1), line(250, 2, line_no=1)]
    rows[499]["approval_status"] = "perhaps"
    told = effects(crm.write(ORDERS, rows))
    assert {number: rule for number, rule in enumerate(told) if rule != "inserted"} == {
        3: "ck_orders_status_is_known",
        77: "foreign_key:orders.account_no",
        78: "value:total_amount",
        250: "uq_order_lines_order_no_line_no",
        499: "ck_orders_approval_status_is_known",
    }


def test_a_bad_change_leaves_its_record_as_it_was_and_the_others_changed(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(300)])
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(number) for number in range(300)])
    rows: list[Row] = [order(number, owner_no=f"E-{number:04}") for number in range(300)]
    rows[123]["lines"] = [line(123, 1), line(123, 2, line_no=1)]
    outcomes = crm.write(ORDERS, rows)
    assert [n for n, one in enumerate(outcomes) if one.effect != "updated"] == [123]
    owners = [row["owner_no"] for row in crm.lookup("crm.orders", "order_no", None)]
    assert owners == [None if number == 123 else f"E-{number:04}" for number in range(300)]


def test_a_key_that_the_database_cannot_tell_from_another_stays_behind(
    crm: Connector, database: Database
) -> None:
    rows = [{**account(n), "account_no": key} for n, key in enumerate(("A", "A ", "B"))]
    expected = ["inserted", "pk_accounts" if database.kind == "mariadb" else "inserted", "inserted"]
    assert effects(crm.write(ACCOUNTS, rows)) == expected
    assert crm.fetch(Read("crm.accounts"), ["A"])[0]["name"] == "Company 0"


@pytest.mark.slow
def test_a_text_that_the_server_does_not_take_stays_behind_alone(crm: Connector, database: Database) -> None:
    crm.write(ACCOUNTS, [account(1)])
    longest = "x" * sql_values.TEXT_BYTES
    rows = [order(number) for number in range(5)]
    rows[1]["refusal_reason"] = f"{longest}x"
    rows[3]["refusal_reason"] = longest
    outcomes = crm.write(ORDERS, rows)
    # MariaDB takes a statement of 16 MiB unless it is told otherwise, and the longest text is as long.
    expected = "database:data" if database.kind == "mariadb" else "inserted"
    assert effects(outcomes) == ["inserted", "value:refusal_reason", "inserted", expected, "inserted"]
    if database.kind == "mariadb":
        assert isinstance(outcomes[3].error, RecordRejected)
        assert "max_allowed_packet" in str(outcomes[3].error)
    else:
        (row,) = crm.fetch(Read("crm.orders"), ["CO-2026-00003"])
        assert row["refusal_reason"] == longest


def test_an_error_of_the_database_shows_no_value_that_was_sent(crm: Connector, database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite gets its values beside the statement, and is asked no question that fails here")
    crm.write(ACCOUNTS, [account(1)])
    database.sql("crm", "alter table accounts rename to accounts_away")
    try:
        with pytest.raises(Exception, match="accounts") as raised:
            crm.write(ACCOUNTS, [account(2, name="Secret Company")])
        assert "Secret Company" not in str(raised.value.__cause__)
        assert "A-0002" not in str(raised.value.__cause__)
    finally:
        database.sql("crm", "alter table accounts_away rename to accounts")
