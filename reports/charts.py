"""Charts as SVG text that reads in light and in dark: history, a forecast with its band, the naive line.

Points come in, an inline ``<svg>`` goes out, drawn by Altair on the server. Colours are the page's own CSS
variables, so one drawing serves both themes; labels come from the reader, so no chart speaks another
language than its page. It reads no table.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from reports.reader import Reader

INK, MUTED, RULE, ACCENT, SOFT = "#010101", "#020202", "#030303", "#040404", "#050505"
VARIABLES = {INK: "ink", MUTED: "muted", RULE: "rule", ACCENT: "accent", SOFT: "soft"}
"""Altair accepts no ``var(--ink)``; these colours, which nobody else uses, stand in until the SVG is text."""
SIZES = (("wide", 860, 290), ("narrow", 342, 230))
"""Both are put on the page and CSS shows one: an SVG scaled down to a phone has letters nobody reads."""
TICKS = 5
STEPS = [int(n * 10**power) for power in range(15) for n in (1, 2, 2.5, 5) if n * 10**power >= 1]
"""Distances between grid lines that read well; the smallest is taken that needs no more than ``TICKS``."""


@dataclass(frozen=True)
class Point:
    """One period: what happened, or what is expected; amounts in company currency."""

    on: dt.date
    actual: Decimal | None = None
    expected: Decimal | None = None
    forecast: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    naive: Decimal | None = None


def draw(points: Sequence[Point], reader: Reader, *, name: str, bars: bool) -> Markup:
    """The chart in every size, hidden from screen readers: its figures stand in a table beside it.

    ``bars`` for amounts that come in lumps (cash), otherwise a line; no points, no chart.
    """
    if not points:
        return Markup("")
    drawn = joined(points) if not bars else list(points)
    return Markup("").join(
        svg(_chart(drawn, reader, width=width, height=height, bars=bars), f"{name}-{size}", size)
        for size, width, height in SIZES
    )


def joined(points: Sequence[Point]) -> list[Point]:
    """The same points with the forecast starting where the history ends, so that the line is not broken."""
    result: list[Point] = []
    for point, after in pairwise([*points, None]):
        if point and after and point.forecast is None and after.forecast is not None:
            last = point.actual
            point = Point(point.on, last, point.expected, last, last, last, last)  # noqa: PLW2901
        if point:
            result.append(point)
    return result


def svg(chart: Any, name: str, size: str) -> Markup:
    """The drawing as text of our own page: theme colours, identifiers nobody else has, no background."""
    import vl_convert

    text = vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])
    for colour, variable in VARIABLES.items():
        text = text.replace(f'"{colour}"', f'"var(--{variable})"')
    # The engine counts its identifiers on from drawing to drawing; the same data must make the same page.
    numbers: dict[str, str] = {}
    text = re.sub(
        r'(id="|url\(#)(\w+)',
        lambda found: found[1] + numbers.setdefault(found[2], f"{name}-{len(numbers) + 1}"),
        text,
    )
    text = re.sub(r"<rect[^>]*/>", "", text, count=1)
    text = re.sub(r' (?:role|aria-[a-z]+|xmlns:xlink)="[^"]*"', "", text)
    # Safe as markup: every text in it came from the reader's formats of numbers and dates.
    return Markup(text.replace("<svg ", f'<svg aria-hidden="true" data-size="{size}" ', 1))


def _chart(points: Sequence[Point], reader: Reader, *, width: int, height: int, bars: bool) -> Any:
    import altair as alt

    base = alt.Chart(alt.Data(values=[_pixels(point) for point in points]))
    top = max(value for point in points for value in _pixels(point).values() if isinstance(value, float))
    x = alt.X("on:T", scale=alt.Scale(type="utc"), axis=_dates(points, reader, width=width), title=None)

    ticks = _ticks(top)

    def y(field: str) -> Any:
        scale = alt.Scale(domain=[0, ticks[-1]])
        return alt.Y(f"{field}:Q", axis=_amounts(ticks, reader), scale=scale, title=None)

    def line(field: str, **style: Any) -> Any:
        kept = base.transform_filter(f"isValid(datum.{field})")
        return kept.mark_line(**style).encode(x=x, y=y(field))

    band = base.transform_filter("isValid(datum.lower)").mark_area(color=ACCENT, opacity=0.16)
    layers = [band.encode(x=x, y=y("lower"), y2="upper:Q")]
    if bars:
        bar = {"width": max(2, width // (len(points) * 2)), "cornerRadiusEnd": 1}
        layers.append(base.mark_bar(color=MUTED, opacity=0.75, **bar).encode(x=x, y=y("actual")))
        due = base.mark_bar(color=ACCENT, opacity=0.45, **bar)
        layers.append(due.encode(x=x, y=y("received"), y2="promised:Q"))
    else:
        layers.append(line("actual", color=INK, strokeWidth=1.75))
    layers.append(line("naive", color=MUTED, strokeWidth=1.5, strokeDash=[2, 3]))
    layers.append(line("forecast", color=ACCENT, strokeWidth=2.25))
    return (
        alt.layer(*layers)
        .properties(
            width=width - 56, height=height - 44, padding={"left": 2, "right": 6, "top": 6, "bottom": 2}
        )
        .configure_view(stroke=None)
        .configure_axis(labelColor=MUTED, labelFontSize=12, domain=False, ticks=False, labelPadding=8)
    )


def _pixels(point: Point) -> dict[str, Any]:
    """A point for the drawing: the only place where an amount becomes a float, since it becomes pixels."""
    values = {name: value for name, value in vars(point).items() if isinstance(value, Decimal)}
    if point.expected is not None:
        # What is still open stands on top of what came in that week.
        values["received"] = point.actual or Decimal(0)
        values["promised"] = values["received"] + point.expected
    return {"on": point.on.isoformat(), **{name: float(value) for name, value in values.items()}}


def _ticks(top: float) -> list[int]:
    """Round amounts from nothing to just above the highest point."""
    step = next(step for step in STEPS if top / step <= TICKS)
    return [n * step for n in range(max(1, math.ceil(top / step)) + 1)]


def _amounts(values: list[int], reader: Reader) -> Any:
    import altair as alt

    labels = {str(value): reader.compact(Decimal(value)) for value in values}
    return alt.Axis(values=values, labelExpr=f"{json.dumps(labels)}[datum.value]", gridColor=RULE)


def _dates(points: Sequence[Point], reader: Reader, *, width: int) -> Any:
    import altair as alt

    firsts = [b.on for a, b in pairwise(points) if a.on.month != b.on.month]
    each = next((n for n in (1, 2, 3, 6, 12, 24) if len(firsts) / n * 52 <= width), 36)
    kept = [on for on in firsts if (on.month - 1) % min(each, 12) == 0][:: max(1, each // 12)]
    labels = {
        str(int(dt.datetime(on.year, on.month, on.day, tzinfo=dt.UTC).timestamp() * 1000)): [
            reader.short_month(on),
            str(on.year) if on.month <= each or on is kept[0] else "",
        ]
        for on in kept
    }
    values = [{"year": on.year, "month": on.month, "date": on.day, "utc": True} for on in kept]
    return alt.Axis(values=values, labelExpr=f"{json.dumps(labels)}[time(datum.value)]", grid=False)
