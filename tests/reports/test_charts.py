"""Charts show what was and what is expected, in the colours of the page and the words of its reader."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from lxml import etree

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
def test_a_chart_has_only_colours_of_the_page(*, bars: bool) -> None:
    drawn = draw([*PAST, *AHEAD], EN, name="sales", bars=bars)
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb\(", re.sub(r"url\(#[\w-]+\)", "", drawn))
    assert "var(--accent)" in drawn
    assert "var(--muted)" in drawn


def test_two_sizes_are_well_formed_and_share_no_identifier() -> None:
    drawn = etree.fromstring(f"<p>{draw([*PAST, *AHEAD], EN, name='cash', bars=True)}</p>")
    assert [svg.get("data-size") for svg in drawn] == ["wide", "narrow"]
    ids = [node.get("id") for node in drawn.iter() if node.get("id")]
    assert ids
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
