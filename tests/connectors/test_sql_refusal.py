"""One bad row stops nothing: it is found, told by its rule, and the others arrive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
import sqlalchemy as sa

from connectors.errors import MissingDependency, RecordRejected
from connectors.protocol import Connector, Read, Write
from tests.connectors.rows import (
    ACCOUNTS,
    CUSTOMER,
    ITEM,
    ORDERS,
    SALES_ORDERS,
    account,
    effects,
    line,
    order,
    sales_order,
)

LEADS = Write("crm.leads", "lead_no")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to any database meanwhile; a batch of values is one."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def sales_line(number: int, **changes: object) -> dict[str, object]:
    """A line of SO-2026-00001."""
    row = {**line(1, number), "sales_order_line_no": f"SO-2026-00001:{number}", **changes}
    del row["order_line_no"]
    return row


def test_one_bad_row_in_a_thousand_is_found_and_the_rest_arrive(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(number) for number in range(1000)]
    rows[617]["fulfilment"] = "teleported"
    outcomes = crm.write(ORDERS, rows)
    assert [n for n, one in enumerate(outcomes) if one.effect != "inserted"] == [617]
    bad = outcomes[617]
    assert (bad.key, bad.effect) == ("CO-2026-00617", "refused")
    assert isinstance(bad.error, RecordRejected)
    assert bad.error.rule == "ck_orders_fulfilment_is_known"
    assert "crm.orders CO-2026-00617" in str(bad.error)
    assert "came fulfilment='teleported'; expected fulfilment in ('booked'" in str(bad.error)
    assert len(crm.lookup("crm.orders", "order_no", None)) == 999
    assert len(crm.lookup("crm.order_lines", "order_line_no", None)) == 999


def test_a_missing_dependency_waits_and_passes_once_it_is_there(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(1), order(2, account_no="A-0002"), order(3)]
    outcomes = crm.write(ORDERS, rows)
    assert effects(outcomes) == ["inserted", "foreign_key:orders.account_no", "inserted"]
    assert isinstance(outcomes[1].error, MissingDependency)
    assert "came as 'A-0002'; expected a record of crm.accounts" in str(outcomes[1].error)
    crm.write(ACCOUNTS, [account(2)])
    assert effects(crm.write(ORDERS, rows)) == ["unchanged", "inserted", "unchanged"]


def test_a_thousand_that_wait_are_told_in_one_go(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(n, account_no="A-0001" if n % 2 else f"A-9{n:03}") for n in range(1000)]
    with statements() as sent:
        outcomes = crm.write(ORDERS, rows)
    assert effects(outcomes) == ["foreign_key:orders.account_no", "inserted"] * 500
    assert len(sent) < 40


def test_a_batch_takes_a_handful_of_statements(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(number, lines=[line(number, 1), line(number, 2)]) for number in range(500)]
    for expected in ("inserted", "unchanged", "updated"):
        with statements() as sent:
            assert set(effects(crm.write(ORDERS, rows))) == {expected}
        assert len(sent) < 20
        if expected == "unchanged":
            rows = [{**row, "owner_no": "E-0002", "lines": row["lines"][1:]} for row in rows]


def test_what_an_existing_record_keeps_is_no_missing_dependency(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1)])
    write = Write("crm.orders", "order_no", create=("account_no",), lines="crm.order_lines")
    rows = [order(1, account_no="A-0404", owner_no="E-1"), order(2, account_no="A-0404")]
    assert effects(crm.write(write, rows)) == ["updated", "foreign_key:orders.account_no"]


def test_a_bad_line_refuses_its_document_whole(erp: Connector) -> None:
    erp.write(Write("erp.customers", "customer_no"), [CUSTOMER])
    erp.write(Write("erp.items", "item_no"), [ITEM])
    outcomes = erp.write(
        SALES_ORDERS, [sales_order(lines=[sales_line(1), sales_line(2, quantity=Decimal(0))])]
    )
    assert effects(outcomes) == ["ck_sales_order_lines_quantity_is_positive"]
    assert "quantity=Decimal('0.0000')" in str(outcomes[0].error)
    outcomes = erp.write(SALES_ORDERS, [sales_order(lines=[sales_line(1), sales_line(2, item_no="IT-X")])])
    assert effects(outcomes) == ["foreign_key:sales_order_lines.item_no"]
    outcomes = erp.write(SALES_ORDERS, [sales_order(lines=[sales_line(1), sales_line(2, line_no=1)])])
    assert effects(outcomes) == ["uq_sales_order_lines_sales_order_no_line_no"]
    assert erp.lookup("erp.sales_orders", "sales_order_no", None) == []
    assert effects(erp.write(SALES_ORDERS, [sales_order(lines=[sales_line(1)])])) == ["inserted"]


def test_a_number_that_another_record_has_is_rejected_by_its_rule(crm: Connector) -> None:
    lead = {"source": "file", "stage": "new", "currency": "EUR", "created_at": order(1)["ordered_at"]}
    rows = [
        {**lead, "lead_no": "L-1", "external_key": "X-1"},
        {**lead, "lead_no": "L-2", "external_key": "X-1"},
        {**lead, "lead_no": "L-3", "external_key": "X-3"},
    ]
    outcomes = crm.write(LEADS, rows)
    assert effects(outcomes) == ["inserted", "uq_leads_external_key", "inserted"]
    assert "external_key='X-1'; expected no other record of leads" in str(outcomes[1].error)
    by_external = Write("crm.leads", "external_key")
    (taken,) = crm.write(by_external, [{**lead, "lead_no": "L-1", "external_key": "X-9"}])
    assert effects([taken]) == ["pk_leads"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"account_no": "", "name": "x"}, "missing:account_no"),
        ({"name": "x"}, "missing:account_no"),
        ({"account_no": "A-0002", "name": "x"}, "missing:created_on"),
        ({**account(2), "lines": []}, "unknown_column:lines"),
    ],
)
def test_a_row_that_lacks_what_it_needs_is_rejected_alone(
    crm: Connector, row: dict[str, object], rule: str
) -> None:
    outcomes = crm.write(ACCOUNTS, [account(1), row, account(3)])
    assert effects(outcomes) == ["inserted", rule, "inserted"]


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([line(1, 1), line(1, 1)], "unique:order_line_no"),
        ([{"line_no": 1}], "missing:order_line_no"),
        ([{"order_line_no": "CO-1:1", "line_no": 1}], "missing:discount_rate"),
        ([line(1, 1, quantity=None)], "value:quantity"),
    ],
)
def test_a_line_that_lacks_what_it_needs_refuses_its_document(
    crm: Connector, lines: list[dict[str, object]], rule: str
) -> None:
    crm.write(ACCOUNTS, [account(1)])
    assert effects(crm.write(ORDERS, [order(1, lines=lines), order(2)])) == [rule, "inserted"]
    assert crm.fetch(Read("crm.orders"), ["CO-2026-00001"]) == []
