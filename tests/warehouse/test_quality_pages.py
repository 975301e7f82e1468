"""The data-quality pages: what fails is on them with all its rows, and nothing personal is."""

from __future__ import annotations

import csv
import re

import duckdb
import pytest

from settings import Settings
from tests.warehouse.company import run_sql
from tests.warehouse.conftest import build_all
from warehouse.build import core
from warehouse.build_file import open_build
from warehouse.gates import gate, judge
from warehouse.gates.declared import load_gates
from warehouse.publish import publish
from warehouse.quality import render
from warehouse.quality.words import texts
from warehouse.status import read_status

pytestmark = pytest.mark.slow


def pages(settings: Settings) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in render(settings)}


def test_a_sound_company_has_an_index_and_no_more(published: Settings) -> None:
    made = pages(published)
    assert sorted(made) == ["index.es.html", "index.html"]
    assert "What is published has passed" in made["index.html"]
    assert "Lo publicado ha pasado" in made["index.es.html"]


def test_a_failing_gate_has_a_page_with_every_row(published: Settings) -> None:
    run_sql(published, "crm", "update order_lines set item_no = 'IT-9999'")
    build_all(published)
    made = pages(published)
    page = made["points-core-fct-order-line-item-no.html"]
    lines = [f"CO-2026-0000{number}:1" for number in (1, 2, 3, 4, 5, 6)]
    assert all(f"<td>{line}</td>" in page for line in lines)
    assert "Cada item_no de core.fct_order_line está" in made["points-core-fct-order-line-item-no.es.html"]
    with (published.report_file.parent / "quality" / "points-core-fct-order-line-item-no.csv").open() as file:
        assert [row["order_line_no"] for row in csv.DictReader(file)] == [
            *lines[:1], "CO-2026-00001:2", *lines[1:],
        ]  # fmt: skip


def test_a_page_goes_when_its_gate_passes(published: Settings) -> None:
    run_sql(published, "crm", "update order_lines set item_no = 'IT-9999' where order_no = 'CO-2026-00003'")
    build_all(published)
    assert "points-core-fct-order-line-item-no.html" in pages(published)
    run_sql(published, "crm", "update order_lines set item_no = 'IT-0001' where order_no = 'CO-2026-00003'")
    build_all(published)
    render(published)
    folder = published.report_file.parent / "quality"
    assert sorted(path.name for path in folder.iterdir()) == ["index.es.html", "index.html"]


def test_while_held_the_pages_say_since_when_and_why(published: Settings) -> None:
    with duckdb.connect(str(published.build_file)) as build:
        build.execute("insert into core.fct_payment select * from core.fct_payment limit 1")
    gate(published)
    publish(published)
    index = pages(published)["index.html"]
    assert "Held back since" in index
    assert "grain-core-fct-payment.html" in index
    assert "core.fct_payment has one row per payment_no" in index
    reason = read_status(published)["reasons"]["grain:core.fct_payment"]
    assert reason == "core.fct_payment has one row per payment_no: 1 row"
    with duckdb.connect(str(published.build_file)) as build:
        build.execute("drop table core.fct_payment")
    core(published)
    gate(published)
    assert publish(published)["tell"]
    assert "Held back" not in pages(published)["index.html"]


def test_personal_values_are_masked(published: Settings) -> None:
    from checks.sql_gate import SqlGate

    with open_build(published) as build:
        (real,) = [one for one in load_gates() if one.name == "readable:crm.leads"]
        sql = "select lead_no, email, 'call +34 600 000 000 now' as note from raw.crm_leads"
        judge(build, [SqlGate(real.name, "shape", real.on, "warn", real.says, sql, key=real.key)])
    made = pages(published)
    page = made["readable-crm-leads.html"]
    assert "L-2026-0001" in page
    assert "call •••now" in page
    folder = published.report_file.parent / "quality"
    for path in (*folder.glob("*.csv"), *folder.glob("readable*.html")):
        assert not re.search(r"buyer@|600 000", path.read_text()), path.name


def test_the_pages_fetch_nothing(published: Settings) -> None:
    run_sql(published, "crm", "update order_lines set item_no = 'IT-9999'")
    build_all(published)
    for name, page in pages(published).items():
        assert not re.search(r"<script|https?://|url\(|@import", page), name


def test_both_languages_have_the_same_texts() -> None:
    assert texts("en").keys() == texts("es").keys()
    assert not [one.name for one in load_gates() if not one.says_es]
