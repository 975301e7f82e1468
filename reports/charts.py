"""Charts as SVG text that reads in light and in dark: history, a forecast with its band, the naive line.

Points ─▶ a Vega-Lite description ─▶ drawn here on the server, in two sizes ─▶ inline ``<svg>``. Colours are
classes of ``report.css``, so one drawing serves both themes and a strict policy for styles; labels come from
the reader, so no chart speaks another language than its page. It reads no table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from reports.axes import amounts, dates, ticks
from reports.reader import Reader, capital

INK, MUTED, RULE, ACCENT = "#010101", "#020202", "#030303", "#040404"
CLASSES = {INK: "ink", MUTED: "muted", RULE: "rule", ACCENT: "accent"}
"""Vega-Lite knows no classes; these colours, which nobody else uses, stand in until the SVG is text."""
SIZES = (("wide", 860, 290), ("narrow", 342, 230))
"""Both are put on the page and CSS shows one: an SVG scaled down to a phone has letters nobody reads."""
PLACES = re.compile(r"(\d\.\d)\d+")
"""A tenth of a pixel is enough."""
KEPT = 256
"""Drawings kept: a size takes about 50 ms, and every reader of a language sees the same ones."""


@dataclass(frozen=True)
class Point:
    """One period: what happened, or what is expected; amounts in company currency, or quantities."""

    on: dt.date
    actual: Decimal | None = None
    expected: Decimal | None = None
    forecast: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    naive: Decimal | None = None


def draw(
    points: Sequence[Point], reader: Reader, *, name: str, bars: bool = False, money: bool = True
) -> Markup:
    """The chart in every size, hidden from screen readers: its figures stand in a table beside it.

    ``bars`` for amounts that come in lumps (cash), otherwise a line; ``money`` false for quantities; no
    points, no chart. The part of the drawing that stands over a period says its figures in ``data-says``.
    """
    if not points:
        return Markup("")
    return _drawn(tuple(points), reader, name, bars, money)


@lru_cache(maxsize=KEPT)
def _drawn(points: tuple[Point, ...], reader: Reader, name: str, bars: bool, money: bool) -> Markup:
    says = [_says(point, reader, money=money) for point in points]
    # What is said stays with the figures; the line alone is joined, so that it is not broken.
    drawn = list(points) if bars else joined(points)
    rows = [{**_pixels(point), "says": said} for point, said in zip(drawn, says, strict=True)]
    return Markup("").join(
        svg(
            _chart(rows, points, reader, size=(width, height), bars=bars, money=money), f"{name}-{size}", size
        )
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


def svg(chart: Mapping[str, Any], name: str, size: str) -> Markup:
    """The drawing as text of our own page: theme colours, identifiers nobody else has, no background."""
    import vl_convert

    text = vl_convert.vegalite_to_svg(dict(chart), allowed_base_urls=[])
    for colour, shade in CLASSES.items():
        text = text.replace(f' fill="{colour}"', f' class="fill-{shade}"')
        text = text.replace(f' stroke="{colour}"', f' class="line-{shade}"')
    # The engine counts its identifiers on from drawing to drawing; the same data must make the same page.
    numbers: dict[str, str] = {}
    text = re.sub(
        r'(id="|url\(#)(\w+)',
        lambda found: found[1] + numbers.setdefault(found[2], f"{name}-{len(numbers) + 1}"),
        text,
    )
    text = re.sub(r"<rect[^>]*/>", "", text, count=1)
    text = re.sub(r'<path class="(?:back|fore)ground"[^>]*/>', "", text)
    text = re.sub(r'(<path\b[^>]*?) aria-label="([^"]*)"', r'\1 data-says="\2"', text)
    text = re.sub(r' (?:role|aria-[a-z]+|xmlns:xlink|font-family)="[^"]*"', "", text)
    text = re.sub(r' (?:d|transform)="[^"]*"', lambda found: PLACES.sub(r"\1", found[0]), text)
    # Safe as markup: every text in it came from the reader's formats of numbers and dates.
    return Markup(text.replace("<svg ", f'<svg aria-hidden="true" data-size="{size}" ', 1))


def _chart(
    rows: list[dict[str, Any]],
    points: Sequence[Point],
    reader: Reader,
    *,
    size: tuple[int, int],
    bars: bool,
    money: bool,
) -> Mapping[str, Any]:
    width, height = size[0] - 56, size[1] - 44
    lines = ticks(
        max((value for row in rows for value in row.values() if isinstance(value, float)), default=0)
    )
    axis = amounts(lines, reader, money=money) | {"gridColor": RULE}
    x: dict[str, Any] = {"field": "on", "type": "temporal", "title": None, "scale": {"type": "utc"}}
    x["axis"] = dates([point.on for point in points], reader, width=size[0])

    def layer(field: str, mark: str, *, to: str | None = None, **style: Any) -> dict[str, Any]:
        scale = {"domain": [0, lines[-1]]}
        y = {"field": field, "type": "quantitative", "title": None, "axis": axis, "scale": scale}
        drawn: dict[str, Any] = {"mark": {"type": mark, "aria": False, **style}, "encoding": {"x": x, "y": y}}
        drawn["transform"] = [{"filter": f"isValid(datum.{field})"}]
        if to:
            drawn["encoding"]["y2"] = {"field": to}
        return drawn

    wide = max(2, width // (len(points) * 2))
    layers = [layer("lower", "area", to="upper", color=ACCENT, opacity=0.16)]
    if bars:
        layers.append(layer("actual", "bar", color=MUTED, opacity=0.75, width=wide))
        layers.append(layer("received", "bar", to="promised", color=ACCENT, opacity=0.45, width=wide))
    else:
        layers.append(layer("actual", "line", color=INK, strokeWidth=1.75))
    layers.append(layer("naive", "line", color=MUTED, strokeWidth=1.5, strokeDash=[2, 3]))
    layers.append(layer("forecast", "line", color=ACCENT, strokeWidth=2.25))
    for row in rows:
        row["top"] = lines[-1]
    over = layer("top", "bar", aria=True, color=ACCENT, opacity=0, width=max(2, width // len(points)))
    over["encoding"]["description"] = {"field": "says", "type": "nominal"}
    labels = {"labelColor": MUTED, "labelFontSize": 12, "domain": False, "ticks": False, "labelPadding": 8}
    return {
        "data": {"values": rows},
        "layer": [*layers, over],
        "width": width,
        "height": height,
        "padding": {"left": 2, "right": 6, "top": 6, "bottom": 2},
        "config": {"view": {"stroke": None}, "axis": labels},
    }


def _pixels(point: Point) -> dict[str, Any]:
    """A point for the drawing: the only place where an amount becomes a float, since it becomes pixels."""
    values = {name: value for name, value in vars(point).items() if isinstance(value, Decimal)}
    if point.expected is not None:
        # What is still open stands on top of what came in that week.
        values["received"] = point.actual or Decimal(0)
        values["promised"] = values["received"] + point.expected
    # The scale starts at nothing: an interval that reaches below it is cut there.
    return {
        "on": point.on.isoformat(),
        **{name: float(max(value, Decimal(0))) for name, value in values.items()},
    }


def _says(point: Point, reader: Reader, *, money: bool) -> str:
    form = reader.money if money else reader.number
    on = capital(reader.month(point.on)) if point.on.day == 1 else reader.day(point.on)
    said = [
        str(reader.text(f"chart.{name}", value=form(value)))
        for name, value in vars(point).items()
        if value is not None and name not in ("on", "lower", "upper")
    ]
    if point.lower is not None:
        said.append(str(reader.text("chart.band", lower=form(point.lower), upper=form(point.upper))))
    return f"{on}: {', '.join(said)}"
