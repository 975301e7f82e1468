"""The six numbers are the same whichever way they are counted, and the rows behind a number are its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from reports.access.viewer import COMPANY, Viewer
from reports.look import Look
from reports.numbers import behind, judge, number, numbers, of_select
from reports.numbers_declared import METRICS
from reports.rows import row_sets
from reports.web.serve import site_of
from settings import Settings
from tests.reports.morning_story import TESS_EARNED

D = Decimal
JOE = Viewer("Joe", "sales", "E-0003")
BEN = Viewer("Ben", "sales_manager", "E-0002")


@pytest.fixture
def look(told: Settings) -> Look:
    return site_of(told).look(COMPANY)


def value(look: Look, key: str) -> Any:
    found = number(look, key)
    assert found is not None
    return found.value


def counted(look: Look) -> dict[str, tuple[Any, Any]]:
    """The six as the selects count them from rows."""
    return {
        row["metric"]: (row["value"], row["previous_value"])
        for name in ("sales", "work", "stuck")
        for row in of_select(look, name)
    }


def behind_it(told: Settings, look: Look, key: str) -> list[Any]:
    """All rows at the address that a number leads to."""
    found = number(look, key)
    assert found is not None
    address = urlsplit(behind(look, found.metric) or "")
    name, asked = address.path.split("/")[-1], dict(parse_qsl(address.query))
    rows, narrowed = site_of(told).asked_rows(look, name, asked)
    statement, values = rows.statement(narrowed.asked)
    return look.rows(statement, **values)


def test_counted_from_the_rows_the_six_are_what_the_warehouse_counted(look: Look) -> None:
    marts = look.rows("select metric, value, previous_value from marts.mart_metric")
    assert counted(look) == {row["metric"]: (row["value"], row["previous_value"]) for row in marts}


def test_numbers_are_judged_as_the_warehouse_judges_them(look: Look) -> None:
    told = {row["metric"]: row for row in look.rows("select * from marts.mart_metric")}
    for metric in METRICS["company"]:
        row = told[metric.key]
        assert judge(metric, row["value"], row["previous_value"]) == (row["change_rate"], row["verdict"])
        assert metric.streams == tuple(row["streams"].split())


def test_a_seller_s_numbers_are_of_own_rows(told: Settings, look: Look) -> None:
    joe, ben = (site_of(told).look(viewer) for viewer in (JOE, BEN))
    assert value(joe, "revenue_30d") == value(look, "revenue_30d") - TESS_EARNED == D("332")
    assert value(ben, "revenue_30d") == value(look, "revenue_30d")


@pytest.mark.parametrize(
    ("key", "column"),
    [("revenue_30d", "amount"), ("open_orders", "amount"), ("overdue_receivables", "open_amount")],
)
@pytest.mark.parametrize("viewer", [COMPANY, BEN, JOE], ids=lambda viewer: viewer.role)
def test_the_rows_behind_money_sum_up_to_it(told: Settings, viewer: Viewer, key: str, column: str) -> None:
    look = site_of(told).look(viewer)
    rows = behind_it(told, look, key)
    assert rows
    assert sum(row[column] or 0 for row in rows) == value(look, key)


def test_the_rows_behind_the_rate_and_the_median_give_them(told: Settings, look: Look) -> None:
    leads = behind_it(told, look, "win_rate")
    won = sum(1 for row in leads if row["stage"] == "won")
    assert value(look, "win_rate") == round(D(won) / len(leads), 4)
    hours = sorted(row["working_h"] for row in behind_it(told, look, "approval_hours"))
    assert value(look, "approval_hours") == hours[(len(hours) - 1) // 2]


def test_the_rows_behind_own_numbers_are_own_though_more_is_in_sight(told: Settings) -> None:
    ben = site_of(told).look(Viewer("Ben", "staff", "E-0002"))
    rows, narrowed = site_of(told).asked_rows(ben, "decisions", {})
    in_sight = ben.rows(*rows.statement(narrowed.asked)[:1])
    assert {row["requester_no"] for row in in_sight} - {"E-0002"}
    for key in ("own_pending", "own_asked_30d", "own_refused_90d", "own_decisions"):
        assert len(behind_it(told, ben, key)) == value(ben, key), key


def test_somebody_whom_the_oa_does_not_know_has_no_own_rows_to_open(told: Settings) -> None:
    look = site_of(told).look(Viewer("Auditor", "staff", None))
    found = numbers(look)
    assert len(found) == 6
    assert {behind(look, one.metric) for one in found} == {None}


@pytest.mark.parametrize(
    ("role", "employee", "expected"),
    [
        ("production", "E-0008", {"items_running_out", "orders_waiting_for_stock", "late_production"}),
        ("hr", "E-0007", {"away_today", "away_days_7d", "trips_pending"}),
        ("staff", "E-0009", {"own_decisions", "own_pending", "own_hours"}),
    ],
)
def test_each_role_has_six_numbers_of_its_own(
    told: Settings, role: str, employee: str, expected: set[str]
) -> None:
    found = numbers(site_of(told).look(Viewer("Somebody", role, employee)))
    assert len(found) == 6
    assert expected < {one.metric.key for one in found}


def test_who_is_away_is_counted_by_the_day(told: Settings) -> None:
    hal = site_of(told).look(Viewer("Hal", "hr", "E-0007"))
    assert value(hal, "away_today") == 1
    assert value(hal, "away_days_7d") == 1
    assert [row["employee_no"] for row in behind_it(told, hal, "away_today")] == ["E-0002"]


def test_every_number_leads_to_rows_that_are_there() -> None:
    sets = row_sets()
    for metric in (one for metrics in METRICS.values() for one in metrics):
        assert {name for name, _ in metric.asked} <= {one.name for one in sets[metric.rows].filters}, metric
