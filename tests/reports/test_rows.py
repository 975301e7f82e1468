"""What rows are narrowed to, and how the records behind a gap stand, are said in the reader's words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from markupsafe import escape

from models import crm, erp, erp_supply, oa
from reports import check_says, gap_says
from reports.access.viewer import COMPANY
from reports.published import Published
from reports.reader import Reader
from reports.rows import narrowed_by, row_sets
from reports.site import Site
from reports.texts import LANGUAGES, texts
from warehouse.gates.declared import load_gates

SPANISH = Reader.of("es", timezone="Europe/Madrid", currency="EUR")
ENGLISH = Reader.of("en", timezone="Europe/Madrid", currency="EUR")
SAID = {
    crm.leads: ("stage",),
    crm.orders: ("status", "approval_status", "fulfilment"),
    erp.sales_orders: ("status", "payment_status"),
    erp.payments: ("channel",),
    erp.shipments: ("status",),
    erp.funds: ("kind", "status"),
    erp_supply.production_orders: ("status",),
    erp_supply.purchases: ("status", "approval_status"),
    oa.approval_requests: ("kind", "status"),
    oa.approval_steps: ("decision",),
    oa.attendance: ("kind", "status"),
}
"""The columns of closed words that a record behind a gap is told by."""


def words_of(table: sa.Table, column: str) -> list[str]:
    """The words that a column may have."""
    checks = [str(one.sqltext) for one in table.constraints if isinstance(one, sa.CheckConstraint)]
    (check,) = [check for check in checks if check.startswith(f"{column} in (")]
    return re.findall(r"'([^']*)'", check)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_a_record_behind_a_gap_stands_at_is_said(language: str) -> None:
    said = [
        f"approval {word}" if column == "approval_status" else word
        for table, columns in SAID.items()
        for column in columns
        for word in words_of(table, column)
    ]
    assert len(said) > 40
    missing = {word for word in said if f"words.gap_state.{word}" not in texts(language)}
    assert not missing


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("confirmed, approval none, paid", "Confirmado, no necesita aprobación, cobrado"),
        ("shipped, unpaid, paper", "Enviado, sin cobrar, en papel"),
        ("finance, approved, E-0003", "Finanzas, aprobado, E-0003"),
        ("released, needed by 2026-11-25", "En curso, se necesita para el 25 nov 2026"),
        ("crm.orders to erp.sales_orders", "De crm.orders a erp.sales_orders"),
        ("orders.book waiting, item_in_erp", "Espera, sigue solo (orders.book), El ERP conoce el artículo"),
        ("somebody's own", "Somebody's own"),
    ],
)
def test_how_a_record_behind_a_gap_stands_is_said_in_the_readers_words(says: str, expected: str) -> None:
    assert gap_says.said(SPANISH, says) == expected


def test_what_a_check_wants_is_said_in_the_readers_language() -> None:
    for gate in load_gates():
        assert check_says.said(ENGLISH, gate.says) == gate.says
        assert check_says.marked(SPANISH, gate.says) == escape(gate.says_es)


def test_what_no_check_says_any_more_is_marked_as_english() -> None:
    assert check_says.marked(SPANISH, "a & b") == '<span lang="en">a &amp; b</span>'
    assert check_says.marked(ENGLISH, "a & b") == "a &amp; b"


@pytest.mark.parametrize("name", row_sets())
@pytest.mark.parametrize("reader", [ENGLISH, SPANISH], ids=LANGUAGES)
def test_no_choice_is_said_back_as_its_code(name: str, reader: Reader) -> None:
    rows = row_sets()[name]
    for one in rows.filters:
        for choice in one.choices:
            ((_, said),) = narrowed_by(reader, rows, {one.name: choice})
            group = one.words or next(column.words for column in rows.columns if column.name == one.name)
            assert said == texts(reader.locale.language)[f"words.{group}.{choice}"], (one.name, choice)


def test_a_date_is_said_back_as_one_and_paging_is_not_said() -> None:
    asked = {
        "since": dt.date(2026, 11, 25),
        "owner": "E-0003",
        "category": None,
        "from": 50,
        "sort": "amount",
    }
    assert narrowed_by(SPANISH, row_sets()["revenue"], asked) == [
        ("Desde", "25 nov 2026"),
        (str(SPANISH.text("filter.owner")), "E-0003"),
    ]


def test_the_page_of_rows_says_what_they_are_narrowed_to_in_the_readers_words(unread: Path) -> None:
    site = Site("Test Ltd", "EUR", "Europe/Madrid", Published(unread))
    page = site.rows(site.look(COMPANY, locale="es"), "gaps", {"kind": "done_on_paper"})
    assert "Tipo: Hecho en papel" in page
    assert "done_on_paper<" not in page
