"""The tables' pages: lineage down to a stream's column, links that lead somewhere, nothing loaded.

And docs/warehouse.md: every line in a box of it is run here, against a published company.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import warnings
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from commands.airflow_env import ROOT
from commands.lineage_graph import Drawn, around, draw
from commands.warehouse_docs import render
from commands.warehouse_pages import pages
from connectors.errors import Misconfigured
from settings import Settings
from tests.warehouse.company import make_stores, settings_at
from tests.warehouse.conftest import build_all
from tests.warehouse.story import tell
from warehouse import describe
from warehouse.catalogue import read_catalogue
from warehouse.lineage import trace, trace_all
from warehouse.model import Model, models

PAGE = ROOT / "docs" / "warehouse.md"


def model(select: str, *reads: str) -> Model:
    return Model("core", "fct_x", "one row", select, frozenset(reads))


SCHEMA = {
    "staging.crm_orders": {"order_no": "varchar", "amount": "decimal(18,4)", "currency": "varchar"},
    "core.dim_exchange_rate": {"currency": "varchar", "rate": "decimal(18,8)"},
}


def test_a_column_is_followed_to_all_that_its_value_is_made_of() -> None:
    traced = trace(
        model(
            """with orders as (select * from staging.crm_orders),
            rates as (select * from core.dim_exchange_rate)
            select orders.order_no, orders.amount * rates.rate as amount, count(*) as lines, 'crm' as system
            from orders left join rates on rates.currency = orders.currency group by all""",
            *SCHEMA,
        ),
        SCHEMA,
    )
    assert traced.made_of == {
        "order_no": ["staging.crm_orders.order_no"],
        # The join's currency chooses the rate and is no part of the value.
        "amount": ["core.dim_exchange_rate.rate", "staging.crm_orders.amount"],
    }
    assert traced.written_here == ["lines", "system"]
    assert traced.not_traced == {}


def test_what_cannot_be_traced_is_listed_and_not_guessed() -> None:
    traced = trace(model("select gone as gone from staging.crm_orders", "staging.crm_orders"), SCHEMA)
    assert (traced.made_of, traced.written_here) == ({}, [])
    assert traced.not_traced == {"gone": "staging.crm_orders has no column gone"}
    # What sqlglot cannot read at all leaves every column of the table untraced.
    schema = SCHEMA | {"core.fct_x": {"one": "integer", "two": "integer"}}
    lost = trace(model("select o.gone as one, 2 as two from staging.crm_orders as o", *SCHEMA), schema)
    assert set(lost.not_traced) == {"one", "two"}
    assert all("gone" in why for why in lost.not_traced.values())


def test_lineage_is_read_once_for_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = model("select order_no from staging.crm_orders", "staging.crm_orders")
    kept = tmp_path / "lineage.json"
    first = trace_all([one], SCHEMA, kept=kept)
    monkeypatch.setattr("warehouse.lineage.trace", lambda *_: pytest.fail("read again"))
    assert trace_all([one], SCHEMA, kept=kept) == first
    monkeypatch.undo()
    changed = model("select order_no, currency from staging.crm_orders", "staging.crm_orders")
    assert set(trace_all([changed], SCHEMA, kept=kept)["core.fct_x"].made_of) == {"order_no", "currency"}


def test_the_picture_goes_from_left_to_right_and_every_box_leads_somewhere() -> None:
    nodes = {name: Drawn(name, f"{name}.html", "core") for name in "abc"}
    edges = {"b": frozenset("a"), "c": frozenset("ab")}
    picture = draw(nodes, edges, title="x <y>")
    x = {
        name: float(place)
        for place, name in re.findall(r'<rect x="([\d.]+)".*?\n?.*?>([abc])</text>', picture)
    }
    assert x["a"] < x["b"] < x["c"]
    assert re.findall('href="(.*?)"', picture) == ["a.html", "b.html", "c.html"]
    assert picture.count('class="edge"') == 3
    assert "x &lt;y&gt;" in picture
    assert around("b", edges) == {"a", "b", "c"}
    assert around("a", {"b": frozenset("a"), "d": frozenset()}) == {"a", "b"}


def test_before_the_first_build_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"nothing is built yet; \./triada build"):
        render(Settings(home=tmp_path))


class Links(HTMLParser):
    """Where a page leads, what it would load, and the places in it that can be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.links += [given["href"] or ""] if tag == "a" else []
        self.loads += [value or "" for name, value in attrs if name in ("src", "srcset", "action")]
        self.loads += [given["href"] or ""] if tag == "link" else []
        self.ids |= {given["id"] or ""} if "id" in given else set()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published company, under ``var`` of a folder as the page has it."""
    settings = settings_at(tmp_path_factory.mktemp("opened") / "var")
    make_stores(settings)
    tell(settings)
    build_all(settings)
    return settings


@pytest.fixture(scope="module")
def rendered(built: Settings) -> dict[str, Links]:
    """Every page by its file's name."""
    (index,) = render(built)
    assert index == built.home / "docs" / "warehouse" / "index.html"
    return {path.name: Links(path.read_text(encoding="utf-8")) for path in index.parent.glob("*.html")}


@pytest.mark.slow
def test_every_published_table_has_a_page_with_all_its_columns(rendered: dict[str, Links]) -> None:
    for table in describe.tables():
        assert rendered[f"{table.relation}.html"].ids >= set(table.columns), table.relation


@pytest.mark.slow
def test_every_link_leads_to_a_page_and_a_column_that_is_there(rendered: dict[str, Links]) -> None:
    for name, page in rendered.items():
        assert page.links, name
        for link in page.links:
            file, _, place = link.partition("#")
            assert file in rendered, f"{name} leads to {link}"
            assert not place or place in rendered[file].ids, f"{name} leads to {link}"


@pytest.mark.slow
def test_the_pages_load_nothing_and_run_nothing(rendered: dict[str, Links]) -> None:
    for name, page in rendered.items():
        assert page.loads == [], name
        assert not page.tags & {"script", "iframe", "img", "object", "link"}, name


@pytest.mark.slow
def test_money_is_followed_from_a_mart_down_to_the_systems(built: Settings, tmp_path: Path) -> None:
    catalogue = read_catalogue(built)
    known = pages(catalogue, trace_all(models(), catalogue.columns, kept=tmp_path / "lineage.json"))

    def down(column: str) -> set[str]:
        table, _, name = column.rpartition(".")
        row = next(row for row in known[table].columns if row.name == name)
        return (
            {column} if known[table].kind == "stream" else {end for one in row.made_of for end in down(one)}
        )

    revenue = down("marts.mart_sales.revenue_amount")
    assert revenue >= {"crm.order_lines.line_amount", "erp.exchange_rates.rate"}
    assert down("core.fct_payment.paid_on") == {"erp.payments.paid_on"}
    traced = [name for name, page in known.items() if page.sql and not page.not_traced]
    assert len(traced) == sum(model.layer != "staging" for model in models())
    published = {name for name, page in known.items() if page.sql and not page.is_step}
    assert published == {table.relation for table in describe.tables()}
    assert {gate.on for page in known.values() for gate in page.gates} == {
        gate.on for gate in catalogue.gates
    }


def boxes(language: str) -> list[str]:
    """The boxes of docs/warehouse.md in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def lines(language: str) -> list[str]:
    return [line for box in boxes(language) for line in box.splitlines() if line.strip()]


@pytest.mark.slow
@pytest.mark.parametrize("line", lines("sh"))
def test_every_line_of_the_page_for_a_terminal_runs(built: Settings, line: str) -> None:
    words = shlex.split(line, comments=True)
    programs = {
        "./triada": [sys.executable, str(ROOT / "cli.py")],
        "duckdb": [str(Path(sys.executable).with_name("duckdb"))],
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIADA")}
    done = subprocess.run(
        [*programs[words[0]], *words[1:]],
        cwd=built.home.parent, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()
    if "--json" in words:
        assert json.loads(done.stdout)


@pytest.mark.slow
def test_every_line_of_the_page_for_python_runs_and_keeps_every_digit(built: Settings) -> None:
    known: dict[str, Any] = {}
    with contextlib.chdir(built.home.parent), warnings.catch_warnings():
        warnings.simplefilter("error")
        for box in boxes("python"):
            exec(compile(box, str(PAGE), "exec"), known)  # the page's own lines
    known["engine"].dispose()
    amounts = [amount for _, _, amount in known["rows"] if amount is not None]
    assert amounts
    assert all(type(amount) is Decimal for amount in amounts)
    assert str(known["table"].schema.field("amount").type) == "decimal128(18, 4)"
    assert str(known["frame"]["amount"].dtype) == "decimal128(18, 4)[pyarrow]"
    assert (type(known["total"]), known["total"]) == (Decimal, sum(amounts))
    assert type(known["paid"]) is Decimal
    assert ("amount", "DECIMAL(18,4)") in [tuple(row) for row in known["columns"]]
    assert "fct_order" in known["tables"]
    assert str(known["counts"]["orders"].dtype) == "int64[pyarrow]"


@pytest.mark.slow
def test_the_trap_that_the_page_names_is_one(built: Settings) -> None:
    import duckdb

    with duckdb.connect(str(built.published_file), read_only=True) as warehouse:
        assert str(warehouse.sql("select amount from core.fct_order").df()["amount"].dtype) == "float64"
