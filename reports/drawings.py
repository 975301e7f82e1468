"""Small drawings beside numbers: a line of some values, a bar with its target, months parted in two.

Exact values come in, an inline ``<svg>`` without colours or styles of its own goes out; ``report.css`` knows
its classes. They are drawn here by hand, since a library takes longer than the page around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from reports.shares import share

HIGH = 24
"""Pixels that a line of values is high; it is as wide as its class says."""
TALL = 64


@dataclass(frozen=True)
class Split:
    """A month in two parts, such as done in the system and on paper; ``says`` is what its mark says."""

    label: str
    one: Decimal | int
    other: Decimal | int
    says: str


def spark(values: Sequence[Decimal | int | None]) -> Markup:
    """A line of values, oldest first, with a dot at the last; hidden from screen readers.

    It starts at nothing, as a bar does, so that a small change looks small; gaps stay gaps; fewer than two
    values are no line.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    top = max(*known, 0)
    low = min(*known, 0)
    places = [
        None if value is None else (_tenth(100 * n / (len(values) - 1)), _up(value, low, top, HIGH))
        for n, value in enumerate(values)
    ]
    line, pen = "", "M"
    for place in places:
        line += f"{pen}{place[0]} {place[1]}" if place else ""
        pen = "L" if place else "M"
    x, y = next(place for place in reversed(places) if place)
    return Markup(
        '<svg class="spark" viewBox="-3 -3 106 30" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="line" d="{}"/><path class="dot" d="M{} {}h0"/></svg>'
    ).format(line, x, y)


def meter(
    value: Decimal | int | None,
    top: Decimal | int,
    target: Decimal | int | None = None,
    *,
    floor: bool = False,
) -> Markup:
    """A value as a share of ``top``, with a mark at its target; the number stands beside it.

    It is drawn as bad beyond the target, or with ``floor`` short of it.
    """
    bad = target is not None and ((value or 0) < target if floor else (value or 0) > target)
    mark = (
        Markup('<rect class="target" x="{}" width="0.8" height="8"/>').format(share(target, top))
        if target is not None
        else ""
    )
    return Markup(
        '<svg class="bar meter{}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="value" width="{}" height="8"/>{}</svg>'
    ).format(" bad" if bad else "", share(value, top), mark)


def stacked(months: Sequence[Split]) -> Markup:
    """Months beside each other, each parted in two by its share of the month; empty months are empty."""
    if not months:
        return Markup("")
    each = Decimal(100) / len(months)
    columns = Markup("")
    for n, month in enumerate(months):
        whole = Decimal(month.one + month.other)
        x, wide = _tenth(n * each + each / 10), _tenth(each * 8 / 10)
        high = _tenth(TALL * Decimal(month.other) / whole) if whole else "0"
        rest = _tenth(TALL - Decimal(high)) if whole else "0"
        columns += Markup(
            '<g data-says="{}"><rect class="one" x="{x}" y="{high}" width="{wide}" height="{rest}"/>'
            '<rect class="other" x="{x}" y="0" width="{wide}" height="{high}"/></g>'
        ).format(month.says, x=x, wide=wide, high=high, rest=rest)
    return Markup(
        '<svg class="stacked" viewBox="0 0 100 64" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        '<p class="ends" aria-hidden="true"><span>{}</span><span>{}</span></p>'
    ).format(columns, escape(months[0].label), escape(months[-1].label))


def _up(value: Decimal | int, low: Decimal | int, top: Decimal | int, high: int) -> str:
    return _tenth(high - high * Decimal(value - low) / Decimal(top - low)) if top > low else _tenth(high)


def _tenth(value: Decimal | float) -> str:
    return f"{round(float(value), 1):g}"
