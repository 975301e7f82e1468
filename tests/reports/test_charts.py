"""Charts show what was and what is expected, in the colours of the page and the words of its reader."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from lxml import etree

from reports import charts
from reports.charts import Point, draw, joined
from reports.reader import Reader

EN = Reader(Locale("en"), ZoneInfo("Europe/Madrid"), "EUR")
ES = Reader(Locale("es"), ZoneInfo("Europe/Madrid"), "EUR")
PAST = [Point(dt.date(2026, month, 1), actual=Decimal(month * 1000)) for month in range(1, 11)]
AHEAD = [
    Point(dt.date(2026, month, 1), None, None, Decimal(9000), Decimal(8000), Decimal(10500), Decimal(9500))
    for month in (11, 12)
]


def test_the_forecast_starts_where_the_history_ends() -> None:
    last = joined([*PAST, *AHEAD])[9]
    assert last.actual == last.forecast == last.lower == last.upper == last.naive == Decimal(10000)
    assert joined([*PAST, *AHEAD])[10:] == AHEAD
    assert joined(PAST) == PAST


@pytest.mark.parametrize("bars", [True, False])
def test_a_chart_has_no_colour_and_no_style_of_its_own(*, bars: bool) -> None:
    drawn = draw([*PAST, *AHEAD], EN, name="sales", bars=bars)
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb\(", re.sub(r"url\(#[\w-]+\)", "", drawn))
    assert not re.search(r"<style|\bstyle=|var\(", drawn)
    sheet = (Path(charts.__file__).with_name("static") / "report.css").read_text("utf-8")
    used = set(re.findall(r'class="((?:fill|line)-\w+)"', drawn))
    assert {"fill-accent", "fill-muted", "line-accent", "line-muted", "line-rule"} <= used
    assert all(f".{name} " in sheet for name in used)


def test_every_period_says_its_figures_in_the_readers_words() -> None:
    drawn = etree.fromstring(f"<p>{draw([*PAST, *AHEAD], ES, name='sales')}</p>")
    said = [says for path in drawn[0].iter("{*}path") if (says := path.get("data-says"))]
    assert len(said) == len(PAST) + len(AHEAD)
    assert said[0].replace("\xa0", " ") == "Enero de 2026: 1.000 € en realidad"
    last = "Diciembre de 2026: se esperan 9.000 €, 9.500 € si se repite el año anterior, "
    assert said[-1].replace("\xa0", " ") == last + "lo más probable, de 8.000 € a 10.500 €"


def test_quantities_are_no_money() -> None:
    drawn = draw(PAST, EN, name="demand", money=False)
    assert "€" not in drawn
    assert "10,000" in drawn


def test_the_same_chart_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = draw(PAST, EN, name="once")
    monkeypatch.setattr(charts, "svg", None)
    assert draw(list(PAST), EN, name="once") is first


def test_two_sizes_are_well_formed_and_share_no_identifier() -> None:
    drawn = etree.fromstring(f"<p>{draw([*PAST, *AHEAD], EN, name='cash', bars=True)}</p>")
    assert [svg.get("data-size") for svg in drawn] == ["wide", "narrow"]
    ids = [node.get("id") for node in drawn.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("reader", "labels"), [(EN, {"€5K", "Jul", "2026"}), (ES, {"5 mil €", "jul", "2026"})]
)
def test_labels_are_in_the_readers_language(reader: Reader, labels: set[str]) -> None:
    drawn = draw([*PAST, *AHEAD], reader, name="sales", bars=False).replace("\xa0", " ")
    assert labels <= set(re.findall(r">([^<>]+)</(?:text|tspan)>", drawn))


@pytest.mark.parametrize("bars", [True, False])
@pytest.mark.parametrize(
    "points",
    [PAST[:1], AHEAD[:1], [Point(dt.date(2026, 1, 1), actual=Decimal(0))] * 2, PAST, AHEAD,
     [Point(dt.date(2020 + n // 12, n % 12 + 1, 1), actual=Decimal("1234567.89") * n) for n in range(80)]],
)  # fmt: skip
def test_a_chart_can_be_drawn_of_anything(points: list[Point], *, bars: bool) -> None:
    assert draw(points, EN, name="sales", bars=bars).count("<svg ") == 2


def test_nothing_to_draw_is_no_chart() -> None:
    assert draw([], EN, name="sales", bars=False) == ""
