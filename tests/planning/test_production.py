"""Production orders lie on working days, parts before wholes, and the promise can be kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from planning.material import by_parent
from planning.production import plan_order, promised_on, schedule_order
from tests.planning.shop import Row, item, line, on_hand, order

ORDERED_AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # a Friday
NONE: frozenset[date] = frozenset()
BOM = by_parent(
    [
        line("DESK", "FRAME", "1"),
        line("DESK", "TOP", "1"),
        line("FRAME", "TUBE", "4"),
        line("TOP", "WOOD", "2"),
    ]
)
ITEMS = {
    "DESK": item("DESK", "finished", days=2),
    "FRAME": item("FRAME", "assembly", days=3),
    "TOP": item("TOP", "assembly", days=1),
    "TUBE": item("TUBE", "component", days=5, supplier="S-001"),
    "WOOD": item("WOOD", "component", days=1, supplier="S-002"),
}
PARTS = {"TUBE": on_hand("TUBE", "100"), "WOOD": on_hand("WOOD", "100")}


def desk_order(quantity: str = "3", requested_on: date | None = None) -> Row:
    return {**order(("DESK", quantity)), "ordered_at": ORDERED_AT, "requested_on": requested_on}


def days(rows: list[Row]) -> dict[str, tuple[date, date]]:
    return {row["item_no"]: (row["starts_on"], row["due_on"]) for row in rows}


def test_assemblies_start_with_the_order_and_the_desk_follows_over_the_weekend() -> None:
    rows = plan_order(desk_order(), ITEMS, bom=BOM, stock=PARTS, holidays=NONE)
    assert days(rows) == {
        "DESK": (date(2026, 11, 25), date(2026, 11, 26)),
        "FRAME": (date(2026, 11, 20), date(2026, 11, 24)),
        "TOP": (date(2026, 11, 20), date(2026, 11, 20)),
    }


def test_a_holiday_moves_what_comes_after_it() -> None:
    rows = plan_order(desk_order(), ITEMS, bom=BOM, stock=PARTS, holidays=frozenset({date(2026, 11, 23)}))
    assert days(rows)["FRAME"] == (date(2026, 11, 20), date(2026, 11, 25))
    assert days(rows)["DESK"] == (date(2026, 11, 26), date(2026, 11, 27))


def test_a_row_has_the_columns_of_the_stream() -> None:
    row = plan_order(desk_order(), ITEMS, bom=BOM, stock=PARTS, holidays=NONE)[0]
    assert row == {
        "production_no": "MO-2026-00412-1",
        "plan_key": "SO-2026-00412:DESK",
        "sales_order_no": "SO-2026-00412",
        "item_no": "DESK",
        "quantity": Decimal(3),
        "bom_level": 0,
        "starts_on": date(2026, 11, 25),
        "due_on": date(2026, 11, 26),
        "status": "requested",
    }


def test_an_item_keeps_its_number_when_stock_covers_another() -> None:
    everything = plan_order(desk_order(), ITEMS, bom=BOM, stock=PARTS, holidays=NONE)
    with_frames = plan_order(
        desk_order(), ITEMS, bom=BOM, stock=PARTS | {"FRAME": on_hand("FRAME", "9")}, holidays=NONE
    )
    numbers = {row["item_no"]: row["production_no"] for row in everything}
    assert {row["item_no"]: row["production_no"] for row in with_frames} == {
        name: numbers[name] for name in ("DESK", "TOP")
    }


def test_missing_parts_hold_the_work_until_the_supplier_delivers() -> None:
    rows = plan_order(desk_order(), ITEMS, bom=BOM, stock={"WOOD": PARTS["WOOD"]}, holidays=NONE)
    assert days(rows)["FRAME"][0] == date(2026, 11, 27)


def test_an_order_that_stock_covers_needs_no_production_and_arrives_in_two_working_days() -> None:
    stock = {"DESK": on_hand("DESK", "3")}
    schedule = schedule_order(desk_order(), ITEMS, bom=BOM, stock=stock, holidays=NONE)
    assert schedule.rows == []
    assert schedule.promised_on == date(2026, 11, 24)


def test_a_day_far_away_is_met_as_late_as_possible() -> None:
    schedule = schedule_order(
        desk_order(requested_on=date(2026, 12, 18)), ITEMS, bom=BOM, stock=PARTS, holidays=NONE
    )
    assert days(schedule.rows) == {
        "DESK": (date(2026, 12, 16), date(2026, 12, 17)),
        "FRAME": (date(2026, 12, 11), date(2026, 12, 15)),
        "TOP": (date(2026, 12, 15), date(2026, 12, 15)),
    }
    assert schedule.promised_on == date(2026, 12, 18)


def test_a_day_that_cannot_be_met_is_answered_with_the_first_that_can() -> None:
    wish = desk_order(requested_on=date(2026, 11, 21))
    schedule = schedule_order(wish, ITEMS, bom=BOM, stock=PARTS, holidays=NONE)
    assert schedule.promised_on == date(2026, 11, 27)


def test_a_bought_item_that_is_short_waits_for_its_supplier_and_is_not_produced() -> None:
    lamp = {"LAMP": item("LAMP", "finished", days=4, supplier="S-003")}
    wanted = {**order(("LAMP", "1")), "ordered_at": ORDERED_AT, "requested_on": None}
    schedule = schedule_order(wanted, lamp, bom={}, stock={}, holidays=NONE)
    assert schedule.rows == []
    assert schedule.ready_on == date(2026, 11, 25)


def test_work_planned_later_than_the_order_starts_then() -> None:
    rows = plan_order(desk_order(), ITEMS, bom=BOM, stock=PARTS, holidays=NONE, start=date(2026, 11, 28))
    assert days(rows)["TOP"] == (date(2026, 11, 30), date(2026, 11, 30))


@given(
    quantity=st.integers(1, 40),
    wish=st.none() | st.integers(0, 60),
    frames=st.integers(0, 20),
    desks=st.integers(0, 10),
    holidays=st.frozensets(st.integers(0, 60), max_size=15),
)
def test_every_plan_is_possible_and_its_promise_is_the_same_from_its_rows(
    quantity: int, wish: int | None, frames: int, desks: int, holidays: frozenset[int]
) -> None:
    closed = frozenset(ORDERED_AT.date() + timedelta(days=offset) for offset in holidays)
    stock = PARTS | {"FRAME": on_hand("FRAME", str(frames)), "DESK": on_hand("DESK", str(desks))}
    requested = None if wish is None else ORDERED_AT.date() + timedelta(days=wish)
    wanted = desk_order(str(quantity), requested)
    schedule = schedule_order(wanted, ITEMS, bom=BOM, stock=stock, holidays=closed)
    spans = days(schedule.rows)
    for row in schedule.rows:
        assert ORDERED_AT.date() <= row["starts_on"] <= row["due_on"] < schedule.promised_on
        for component in (part["component_item_no"] for part in BOM[row["item_no"]]):
            if component in spans:
                assert spans[component][1] < row["starts_on"]
    assert {row["bom_level"] for row in schedule.rows} <= {0, 1}
    assert promised_on(wanted, schedule.rows, holidays=closed) == schedule.promised_on
    assert requested is None or schedule.promised_on >= requested
