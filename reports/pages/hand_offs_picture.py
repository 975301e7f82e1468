"""Where the flow picture has its systems, its crossings and what waits at each, wide and for a phone.

Gaps summed by the system they come from and the one they should be in ─▶ boxes, paths and places of labels in
the drawing's own units. What is written there is the template's; it reads no table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.publication import Row

THIN, THICK = 1.5, 9.0


@dataclass(frozen=True)
class Way:
    """Where a crossing is drawn: its line, the tip of its arrow, and where its two lines of text stand."""

    line: str
    tip: str
    x: int
    y: int
    anchor: str = "middle"


@dataclass(frozen=True)
class Sketch:
    """A drawing of a size: boxes by system as x, y, width and height; ways by both systems."""

    size: str
    width: int
    height: int
    boxes: Mapping[str, tuple[int, int, int, int]]
    ways: Mapping[tuple[str, str], Way]


def _tip(x: int, y: int, way: str) -> str:
    """An arrow's head that ends at a point, coming from a way: right, left, up or down."""
    back, side = 9, 5
    steps = {
        "right": ((-back, -side), (-back, side)),
        "left": ((back, -side), (back, side)),
        "down": ((-side, -back), (side, -back)),
        "up": ((-side, back), (side, back)),
    }[way]
    return " ".join(f"{x + dx},{y + dy}" for dx, dy in ((0, 0), *steps))


WIDE = Sketch(
    "wide",
    860,
    384,
    {
        "oa": (325, 10, 210, 92),
        "crm": (0, 188, 210, 92),
        "erp": (650, 188, 210, 92),
    },
    {
        ("crm", "erp"): Way("M210 214H641", _tip(650, 214, "right"), 430, 190),
        ("erp", "crm"): Way("M650 254H219", _tip(210, 254, "left"), 430, 276),
        ("crm", "oa"): Way("M60 188V36H316", _tip(325, 36, "right"), 188, 12),
        ("oa", "crm"): Way("M325 76H150V179", _tip(150, 188, "down"), 238, 98),
        ("oa", "erp"): Way("M535 76H710V179", _tip(710, 188, "down"), 622, 98),
        ("erp", "oa"): Way("M800 188V36H544", _tip(535, 36, "left"), 672, 12),
        ("paper", "oa"): Way("M430 150V111", _tip(430, 102, "up"), 442, 138, "start"),
        ("paper", "crm"): Way("M105 338V289", _tip(105, 280, "up"), 105, 356),
        ("paper", "erp"): Way("M755 338V289", _tip(755, 280, "up"), 755, 356),
    },
)
NARROW = Sketch(
    "narrow",
    342,
    470,
    {
        "oa": (86, 64, 170, 84),
        "crm": (0, 264, 150, 84),
        "erp": (192, 264, 150, 84),
    },
    {
        ("crm", "oa"): Way("M16 264V106H77", _tip(86, 106, "right"), 26, 200, "start"),
        ("oa", "crm"): Way("M112 148V255", _tip(112, 264, "down"), 120, 174, "start"),
        ("oa", "erp"): Way("M230 148V255", _tip(230, 264, "down"), 222, 226, "end"),
        ("erp", "oa"): Way("M326 264V106H265", _tip(256, 106, "left"), 316, 200, "end"),
        ("crm", "erp"): Way("M112 348V370H230V357", _tip(230, 348, "up"), 171, 388),
        ("erp", "crm"): Way("M266 348V430H76V357", _tip(76, 348, "up"), 171, 448),
        ("paper", "oa"): Way("M171 36V55", _tip(171, 64, "down"), 171, 14),
        ("paper", "crm"): Way("M24 386V357", _tip(24, 348, "up"), 0, 404, "start"),
        ("paper", "erp"): Way("M318 386V357", _tip(318, 348, "up"), 342, 404, "end"),
    },
)


def picture(crossings: Sequence[Row]) -> list[Mapping[str, Any]]:
    """Both drawings: systems with what waits inside them, ways with what waits there and how thick they are.

    ``crossings`` have ``from_system``, ``to_system``, ``gaps`` and ``amount``, one row each.
    """
    known = {(row["from_system"], row["to_system"]): row for row in crossings}
    top = max((row["amount"] or Decimal(0) for row in crossings), default=Decimal(0))
    return [
        {
            "size": sketch.size,
            "width": sketch.width,
            "height": sketch.height,
            "boxes": [(system, box, known.get((system, system))) for system, box in sketch.boxes.items()],
            "ways": [
                (way, known.get(ends), _thickness(known.get(ends), top), ends)
                for ends, way in sketch.ways.items()
                if ends in known or ends[0] != "paper"
            ],
        }
        for sketch in (WIDE, NARROW)
    ]


def _thickness(row: Row | None, top: Decimal) -> str:
    """Thicker with more money: the area that catches the eye is the money that waits."""
    if row is None or not top:
        return f"{THIN:g}"
    share = float(max(row["amount"] or Decimal(0), Decimal(0)) / top)
    return f"{THIN + 0.5 + (THICK - THIN - 0.5) * share:.1f}"
