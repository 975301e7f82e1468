"""Small drawings are as long and as high as their numbers, and have no style of their own."""

from __future__ import annotations

import re
from decimal import Decimal

from lxml import etree

from reports.drawings import Split, meter, spark, stacked


def rects(drawn: str, name: str) -> list[etree._Element]:
    return [node for node in etree.fromstring(f"<p>{drawn}</p>").iter("{*}rect") if node.get("class") == name]


def test_a_line_rises_with_its_values_and_leaves_gaps() -> None:
    assert re.findall(r' d="([^"]*)"', spark([0, Decimal(5), None, 10]))[0] == "M0 24L33.3 12M100 0"


def test_one_value_is_no_line() -> None:
    assert spark([None, 3]) == spark([]) == ""


def test_values_that_are_all_nothing_lie_on_the_ground() -> None:
    assert 'd="M0 24L100 24"' in spark([0, 0])


def test_a_bar_beyond_its_target_says_so() -> None:
    beyond, within = meter(Decimal(30), 40, 20), meter(10, 40, 20)
    assert rects(beyond, "value")[0].get("width") == "75.0"
    assert rects(beyond, "target")[0].get("x") == rects(within, "target")[0].get("x") == "50.0"
    assert 'class="bar meter bad"' in beyond
    assert 'class="bar meter"' in within
    assert 'class="bar meter bad"' in meter(10, 40, 20, floor=True)


def test_months_are_parted_by_share_whatever_their_size() -> None:
    drawn = stacked(
        [Split("Jan", 3, 1, "1 of 4"), Split("Feb", 300, 100, "100 of 400"), Split("Mar", 0, 0, "none")]
    )
    assert [float(node.get("height", "")) for node in rects(drawn, "other")] == [16, 16, 0]
    assert [float(node.get("height", "")) for node in rects(drawn, "one")] == [48, 48, 0]


def test_what_a_mark_says_is_escaped_and_no_drawing_has_a_style() -> None:
    drawn = stacked([Split("<b>", 1, 1, '"><script>')]) + meter(1, 2) + spark([1, 2])
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert "style" not in drawn
