"""What a write would do, told without doing it; and what it did, field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import MissingDependency, RecordRejected
from connectors.protocol import DELETED, Connector, Read, Row, Write
from tests.connectors.conftest import Database
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, effects, line, order

LEADS = Write("crm.leads", "lead_no")
STAGES = Write("crm.leads", "lead_no", lines="crm.lead_stages")


def lead(**changes: Any) -> Row:
    """Lead L-1 of account A-0001."""
    return {
        "lead_no": "L-1",
        "account_no": "A-0001",
        "source": "web",
        "stage": "new",
        "currency": "EUR",
        "created_at": order(1)["ordered_at"],
        **changes,
    }


def test_comparing_tells_what_a_write_does_and_changes_nothing(crm: Connector, database: Database) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1, lines=[line(1, 1), line(1, 2)]), order(2), order(3)])
    everything = Read("crm.orders", lines="crm.order_lines")
    keys = [f"CO-2026-{number:05}" for number in range(6)]
    before = crm.fetch(everything, keys)
    rows = [
        order(1, owner_no="E-0002", lines=[line(1, 1, quantity=Decimal(9)), line(1, 3)]),
        order(2),
        {"order_no": "CO-2026-00003", DELETED: True},
        order(4),
        {"order_no": "CO-2026-00005", DELETED: True},
        order(6, account_no="A-0404"),
    ]
    told = crm.compare(ORDERS, rows)
    assert effects(told) == [
        "updated", "unchanged", "deleted", "inserted", "unchanged", "foreign_key:orders.account_no",
    ]  # fmt: skip
    assert isinstance(told[5].error, MissingDependency)
    assert crm.fetch(everything, keys) == before
    assert database.sql("crm", "select count(*) from tombstones") == [(0,)]
    done = crm.write(ORDERS, rows)
    assert effects(done) == effects(told)
    assert [one.changes for one in done] == [one.changes for one in told]


def test_changes_say_what_was_there_and_what_was_wanted(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1, lines=[line(1, 1), line(1, 2)])])
    one, two, three = (f"lines.CO-2026-00001:{number}." for number in (1, 2, 3))
    changed = order(1, owner_no="E-0002", lines=[line(1, 1, quantity=Decimal(9)), line(1, 3)])
    (outcome,) = crm.compare(ORDERS, [changed])
    changes = dict(outcome.changes)
    assert changes.pop("owner_no") == (None, "E-0002")
    assert changes.pop(f"{one}quantity") == (Decimal(2), Decimal(9))
    assert changes[f"{two}line_amount"] == (Decimal(21), None)
    assert changes[f"{three}line_amount"] == (None, Decimal(21))
    assert {name.rpartition(".")[0] + "." for name in changes} == {two, three}


def test_a_row_is_compared_with_what_an_earlier_row_of_its_key_leaves(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    gone = {"order_no": "CO-2026-00001", DELETED: True}
    rows = [order(1), order(1), order(1, owner_no="E-1", lines=[line(1, 2)]), gone, gone, order(1)]
    told = crm.compare(ORDERS, rows)
    assert effects(told) == ["inserted", "unchanged", "updated", "deleted", "unchanged", "inserted"]
    done = crm.write(ORDERS, rows)
    assert effects(done) == effects(told)


def test_a_deleted_record_goes_with_its_lines_and_leaves_a_tombstone(
    crm: Connector, database: Database
) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1, lines=[line(1, 1), line(1, 2)]), order(2)])
    gone = [{"order_no": "CO-2026-00001", DELETED: True, "status": "of no meaning"}]
    assert effects(crm.write(ORDERS, gone)) == ["deleted"]
    assert effects(crm.write(ORDERS, gone)) == ["unchanged"]
    assert database.sql("crm", "select order_line_no from order_lines") == [("CO-2026-00002:1",)]
    key = "`key`" if database.kind == "mariadb" else "key"
    buried = database.sql("crm", f"select {key} from tombstones where stream = 'orders'")
    assert buried == [("CO-2026-00001",)]
    assert effects(crm.write(ORDERS, [order(1)])) == ["inserted"]


def test_a_write_that_names_no_lines_deletes_them_all_the_same(crm: Connector, database: Database) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1)])
    gone = [{"order_no": "CO-2026-00001", DELETED: True}]
    assert effects(crm.write(Write("crm.orders", "order_no"), gone)) == ["deleted"]
    assert database.sql("crm", "select count(*) from order_lines") == [(0,)]


def test_what_others_point_to_is_not_deleted_and_stops_nothing(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1), account(2), account(3)])
    crm.write(LEADS, [lead()])
    rows = [{"account_no": f"A-000{n}", DELETED: True} for n in (1, 2)] + [account(3, city="Lugo")]
    for outcomes in (crm.compare(ACCOUNTS, rows), crm.write(ACCOUNTS, rows)):
        assert effects(outcomes) == ["foreign_key:leads.account_no", "deleted", "updated"]
        assert isinstance(outcomes[0].error, RecordRejected)
        assert "crm.leads still points to it by account_no" in str(outcomes[0].error)
    assert [row["account_no"] for row in crm.lookup("crm.accounts", "account_no", None)] == [
        "A-0001",
        "A-0003",
    ]


def test_a_pointer_that_nobody_declared_keeps_its_record_alone(crm: Connector, database: Database) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(4)])
    like_theirs = " character set utf8mb4 collate utf8mb4_bin" if database.kind == "mariadb" else ""
    pointer = (
        f"campaign_no varchar(64){like_theirs}, foreign key (campaign_no) references campaigns (campaign_no)"
    )
    database.sql("crm", f"create table fairs_of_others ({pointer})")
    try:
        database.sql("crm", "insert into fairs_of_others values ('CA-00002')")
        gone = [{"campaign_no": f"CA-{number:05}", DELETED: True} for number in range(4)]
        outcomes = crm.write(CAMPAIGNS, gone)
        assert [one.effect for one in outcomes] == ["deleted", "deleted", "refused", "deleted"]
        assert isinstance(outcomes[2].error, RecordRejected)
        assert outcomes[2].error.rule.startswith("foreign_key:")
    finally:
        database.sql("crm", "drop table fairs_of_others")


def test_a_write_that_owns_some_columns_deletes_nothing(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    owner = Write("crm.accounts", "account_no", owns=("credit_status",))
    gone = [{"account_no": "A-0001", DELETED: True}]
    assert effects(crm.compare(owner, gone)) == effects(crm.write(owner, gone)) == ["owner:crm.accounts"]
    assert len(crm.fetch(Read("crm.accounts"), ["A-0001"])) == 1


@pytest.mark.parametrize("create", [(), ("owner_no",)])
def test_what_a_new_record_brings_is_no_change_of_it(crm: Connector, create: tuple[str, ...]) -> None:
    (outcome,) = crm.write(Write("crm.accounts", "account_no", create=create), [account(1)])
    assert (outcome.effect, outcome.changes) == ("inserted", {})
