"""What the page shows is what the marts say, whole, safe and alone."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from babel import Locale
from lxml import html

from connectors.errors import Misconfigured, Refused
from reports import page
from reports.page import render, render_all
from reports.reader import Reader
from reports.sections import FINDINGS
from tests.reports.published_rows import SCRIPT

READER = Reader(Locale("en"), ZoneInfo("Europe/Madrid"), "EUR")


def text_of(node: Any) -> str:
    return " ".join(node.text_content().split())


def parsed(path: Path) -> Any:
    return html.fromstring(path.read_text("utf-8"))


def rows_of(warehouse: Path, select: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as database:
        return database.execute(select).fetchall()


def test_every_number_on_the_page_is_the_marts_number(warehouse: Path, pages: Path) -> None:
    document = parsed(pages / "index.html")
    metrics = rows_of(warehouse, "select metric, value, unit from marts.mart_metric")
    assert len(metrics) == 6
    for metric, value, unit in metrics:
        card = document.xpath(f"//*[@data-metric='{metric}']")[0]
        shown = text_of(card.find_class("value")[0])
        exact = text_of(card.find_class("exact")[0])
        assert shown == READER.value(value, unit)
        if unit == "share":
            assert Decimal(exact.rstrip("%")) / 100 == value
        else:
            assert Decimal(re.sub(r"[^\d.-]", "", exact)) == value.quantize(Decimal("0.01"))


def test_every_number_has_a_passport_in_the_company_zone(pages: Path) -> None:
    card = parsed(pages / "index.html").xpath("//*[@data-metric='stuck_in_gaps']")[0]
    facts = dict(zip(map(text_of, card.iter("dt")), map(text_of, card.iter("dd")), strict=True))
    assert facts["Definition"].startswith("Amounts of the documents")
    assert facts["As of"].replace("\u202f", " ") == "Nov 20, 2026, 7:30 AM CET"
    assert facts["Checks"] == "22 passed, 1 failed"
    assert facts["Rows in quarantine that would change it"] == "4"
    assert "1 failed check" in text_of(card.find("details/summary"))


def test_a_verdict_is_a_word_not_only_a_colour(pages: Path) -> None:
    verdicts = {text_of(node) for node in parsed(pages / "index.html").find_class("verdict")}
    assert verdicts == {"On course", "Needs attention", "Steady", "Changed"}


def test_the_largest_gaps_are_shown_and_the_rest_adds_up(crowded_warehouse: Path, tmp_path: Path) -> None:
    document = parsed(render(crowded_warehouse, tmp_path / "page.html"))
    shown = [
        text_of(cell) for cell in document.xpath("//section[@id='gaps']//td[contains(@class, 'strong')]")
    ]
    amounts = [row[0] for row in rows_of(crowded_warehouse, "select amount from marts.mart_handoff_gaps")]
    largest = sorted(amounts, reverse=True)
    assert shown == [READER.money(amount) for amount in largest[:15]]
    rest = READER.money(sum(largest[15:], Decimal(0)))
    assert text_of(document.xpath("//section[@id='gaps']")[0]).endswith(f"185 more, worth {rest} together")


def test_a_document_in_two_gaps_is_stuck_once(tmp_path: Path, warehouse: Path) -> None:
    copy = tmp_path / "twice.duckdb"
    copy.write_bytes(warehouse.read_bytes())
    with duckdb.connect(str(copy)) as database:
        database.execute("delete from marts.mart_handoff_gaps where kind <> 'done_on_paper'")
        database.execute(
            "insert into marts.mart_handoff_gaps by name"
            " select * replace ('paid_not_shipped' as kind, 'again' || gap_key as gap_key)"
            " from marts.mart_handoff_gaps"
        )
        total = database.execute(
            "select sum(amount) from marts.mart_handoff_gaps where kind = 'done_on_paper'"
        ).fetchone()
    assert total is not None
    finding = text_of(parsed(render(copy, tmp_path / "page.html")).xpath("//section[@id='gaps']/header")[0])
    assert f"3 documents worth {READER.money(total[0])} stopped" in finding


def test_names_are_text_never_markup(pages: Path) -> None:
    document = parsed(pages / "index.html")
    assert SCRIPT in document.text_content()
    assert not document.xpath("//script")
    assert "<script>alert" not in (pages / "index.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["index.html", "index.es.html"])
def test_the_page_is_one_file_that_fetches_nothing(pages: Path, name: str) -> None:
    document = parsed(pages / name)
    assert (pages / name).stat().st_size < 1_000_000
    assert not document.xpath("//script | //link[@rel='stylesheet'] | //img | //iframe | //object | //use")
    addresses = document.xpath("//@href | //@src")
    other = {"index.html", "index.es.html"} - {name}
    assert {a for a in addresses if not a.startswith("#")} == {*other, "data:,"}
    style = document.xpath("string(//style)")
    assert "url(" not in style and "@import" not in style


def test_identifiers_are_unique_and_every_link_inside_leads_somewhere(pages: Path) -> None:
    document = parsed(pages / "index.html")
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    for link in document.xpath("//a[starts-with(@href, '#')]/@href"):
        assert link[1:] in ids


def test_both_languages_are_written_and_linked(pages: Path) -> None:
    for name, language, title in (("index.html", "en", "Cash in"), ("index.es.html", "es", "Cobros")):
        document = parsed(pages / name)
        assert document.get("lang") == language
        assert title in text_of(document.xpath("//section[@id='cash']")[0])
        assert document.xpath("//nav[@class='languages']/a/@href") != [name]


def test_a_spanish_reader_meets_no_english(pages: Path) -> None:
    shown = text_of(parsed(pages / "index.es.html").find("body"))
    for word in (" the ", "Next action", "Approved", "Enter the order", "Nov 20", "worth"):
        assert word not in shown
    assert "1.265.793 €" in shown.replace("\xa0", " ")


@pytest.mark.parametrize("locale", ["en", "es"])
def test_an_empty_warehouse_says_so_in_every_section(
    empty_warehouse: Path, tmp_path: Path, locale: str
) -> None:
    document = parsed(render(empty_warehouse, tmp_path / "page.html", locale=locale))
    for key in ("numbers", "needs", *FINDINGS):
        section = document.get_element_by_id(key)
        assert text_of(section.find_class("empty")[0])
        assert not section.xpath(".//table")


@pytest.mark.parametrize(
    "status", [None, {}, {"state": "fresh"}, {"warehouse": {"state": "fresh"}, "flows": []}]
)
def test_no_banner_while_all_is_well(warehouse: Path, tmp_path: Path, status: dict[str, Any] | None) -> None:
    assert not parsed(render(warehouse, tmp_path / "page.html", status=status)).find_class("banner")


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("failed", [2, ["core.grain", "marts.sum"]])
def test_a_held_warehouse_says_since_when(
    warehouse: Path, tmp_path: Path, *, failed: Any, nested: bool
) -> None:
    held = {"state": "stale", "published_at": "2026-11-17T17:05:00+00:00", "failed_checks": failed}
    status = {"warehouse": held, "flows": []} if nested else held
    banner = parsed(render(warehouse, tmp_path / "page.html", status=status)).find_class("banner")[0]
    said = text_of(banner).replace("\u202f", " ")
    assert "Out of date since Nov 17, 2026, 6:05 PM CET" in said
    assert "2 checks failed" in said


def test_a_stopped_flow_is_named(warehouse: Path, tmp_path: Path) -> None:
    status = {"warehouse": {"state": "fresh"}, "flows": [{"flow": "orders", "state": "failed"}]}
    banner = parsed(render(warehouse, tmp_path / "page.html", status=status)).find_class("banner")[0]
    assert text_of(banner) == "Stopped: orders."


def test_a_failed_rendering_leaves_the_page_before(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "page.html"
    out.write_text("the page before")

    def full(_self: Path, _target: Path) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        render(warehouse, out)
    assert out.read_text() == "the page before"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_same_warehouse_makes_the_same_page(warehouse: Path, tmp_path: Path) -> None:
    first, second = (render(warehouse, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second


def test_rendering_leaves_the_file_free_and_untouched(warehouse: Path, tmp_path: Path) -> None:
    before = warehouse.read_bytes()
    render(warehouse, tmp_path / "page.html")
    assert warehouse.read_bytes() == before
    with duckdb.connect(str(warehouse)) as writer:
        assert writer.execute("select count(*) from marts.mart_metric").fetchone() == (6,)


def test_a_missing_or_foreign_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="build the warehouse first"):
        render_all(tmp_path / "none.duckdb", tmp_path)
    (tmp_path / "text.duckdb").write_text("no database")
    with pytest.raises(Refused, match="expected the published warehouse"):
        render_all(tmp_path / "text.duckdb", tmp_path)
    assert not list(tmp_path.glob("*.html"))


def test_a_locale_without_texts_is_refused(warehouse: Path, tmp_path: Path) -> None:
    for locale in ("de", "klingon"):
        with pytest.raises(Misconfigured, match=locale):
            render(warehouse, tmp_path / "page.html", locale=locale)


def test_a_bar_never_leaves_its_place() -> None:
    assert [page.share(value, 40) for value in (None, -5, 0, 10, 40, 99)] == [
        "0.0",
        "0.0",
        "0.0",
        "25.0",
        "100.0",
        "100.0",
    ]
    assert page.instant(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == page.instant("2026-01-01T00:00:00+00:00")
