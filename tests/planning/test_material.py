"""Bills of material explode by hand-checked numbers, and stock is used once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.errors import MissingDependency, RecordRejected
from planning.material import Requirement, by_parent, explode, levels_of, net_requirements
from tests.planning.shop import item, line, on_hand, order

# A bicycle: 2 wheels and a frame; a wheel: 36 spokes and a rim; the frame takes 4 bolts, a wheel 2.
BICYCLE = by_parent(
    [
        line("BIKE", "WHEEL", "2"),
        line("BIKE", "FRAME", "1"),
        line("WHEEL", "SPOKE", "36"),
        line("WHEEL", "RIM", "1"),
        line("WHEEL", "BOLT", "2"),
        line("FRAME", "BOLT", "4"),
        line("BIKE", "BOLT", "3"),
    ]
)
ITEMS = {
    "BIKE": item("BIKE", "finished"),
    "WHEEL": item("WHEEL", "assembly"),
    "FRAME": item("FRAME", "assembly"),
    **{name: item(name, "component", supplier="S-001") for name in ("SPOKE", "RIM", "BOLT")},
}


def test_ten_bicycles_take_twenty_wheels_and_720_spokes() -> None:
    needs = explode(BICYCLE, "BIKE", Decimal(10))
    assert {need.item_no: (int(need.quantity), need.level) for need in needs} == {
        "BIKE": (10, 0),
        "WHEEL": (20, 1),
        "FRAME": (10, 1),
        "SPOKE": (720, 2),
        "RIM": (20, 2),
        "BOLT": (20 * 2 + 10 * 4 + 10 * 3, 2),
    }


def test_parents_come_before_what_goes_into_them() -> None:
    position = {name: index for index, name in enumerate(levels_of(BICYCLE, ["BIKE"]))}
    assert all(
        position[parent] < position[row["component_item_no"]] for parent in BICYCLE for row in BICYCLE[parent]
    )


def test_an_item_without_bill_of_materials_needs_itself_only() -> None:
    assert explode({}, "BOLT", Decimal(3)) == [Requirement("BOLT", Decimal(3), 0)]


def test_a_part_of_a_component_is_rounded_up_never_short() -> None:
    bom = by_parent([line("A", "B", "0.3333")])
    assert explode(bom, "A", Decimal("0.3333"))[1].quantity == Decimal("0.1111")


def test_a_circle_is_refused_with_the_way_it_goes() -> None:
    bom = by_parent([line("A", "B", "1"), line("B", "C", "1"), line("C", "A", "1")])
    with pytest.raises(RecordRejected, match="A -> B -> C -> A") as raised:
        explode(bom, "A", Decimal(1))
    assert raised.value.rule == "bom_has_no_cycle"


def test_stock_of_the_sold_item_covers_everything_below_it() -> None:
    stock = {"BIKE": on_hand("BIKE", "10")}
    assert net_requirements(order(("BIKE", "10")), ITEMS, bom=BICYCLE, stock=stock) == []


def test_only_what_is_short_is_exploded() -> None:
    stock = {"BIKE": on_hand("BIKE", "6", "2"), "WHEEL": on_hand("WHEEL", "5")}
    short = net_requirements(order(("BIKE", "10")), ITEMS, bom=BICYCLE, stock=stock)
    assert {need.item_no: need.quantity for need in short} == {
        "BIKE": 6,
        "WHEEL": 7,
        "FRAME": 6,
        "SPOKE": 252,
        "RIM": 7,
        "BOLT": 7 * 2 + 6 * 4 + 6 * 3,
    }


def test_an_open_order_may_use_what_it_reserved_itself() -> None:
    stock = {"BIKE": on_hand("BIKE", "10", "10")}
    assert net_requirements(order(("BIKE", "10"), status="open"), ITEMS, bom=BICYCLE, stock=stock) == []
    others = net_requirements(order(("BIKE", "10")), ITEMS, bom=BICYCLE, stock=stock)
    assert others[0] == Requirement("BIKE", Decimal(10), 0)


def test_stock_that_others_reserved_beyond_what_is_there_is_not_negative_free() -> None:
    stock = {"BIKE": on_hand("BIKE", "5", "50")}
    assert net_requirements(order(("BIKE", "10")), ITEMS, bom=BICYCLE, stock=stock)[0].quantity == 10


def test_two_lines_of_one_item_share_its_stock_once() -> None:
    stock = {"BIKE": on_hand("BIKE", "5")}
    short = net_requirements(order(("BIKE", "4"), ("BIKE", "4")), ITEMS, bom=BICYCLE, stock=stock)
    assert short[0].quantity == 3


def test_an_item_that_is_not_there_yet_makes_the_order_wait() -> None:
    with pytest.raises(MissingDependency, match="SO-2026-00412: needs item 'TRIKE'"):
        net_requirements(order(("TRIKE", "1")), ITEMS, bom=BICYCLE, stock={})


def test_an_item_to_be_made_waits_for_its_bill_of_materials_unless_stock_delivers() -> None:
    with pytest.raises(MissingDependency, match="BIKE must be made and has no bill of materials") as raised:
        net_requirements(order(("BIKE", "1")), ITEMS, bom={}, stock={})
    assert raised.value.rule == "bom_is_there"
    stock = {"BIKE": on_hand("BIKE", "1")}
    assert net_requirements(order(("BIKE", "1")), ITEMS, bom={}, stock=stock) == []


def test_an_item_used_at_two_levels_counts_at_the_deeper_one() -> None:
    bom = by_parent([line("A", "B", "1"), line("A", "Z", "1"), line("B", "Z", "1")])
    assert levels_of(bom, ["A"]) == {"A": 0, "B": 1, "Z": 2}
