"""The numbers of the story, each counted by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from settings import Settings
from tests.warehouse.company import AS_OF, run_sql
from tests.warehouse.conftest import Ask, ask_build
from warehouse.build import core, marts
from warehouse.extract import extract

D = Decimal


def test_working_hours_leave_out_nights_a_holiday_half_a_friday_and_the_weekend(ask: Ask) -> None:
    # Wednesday 16-17, Friday 9-13, Monday 9-10; elapsed 4 days and 18 hours.
    assert ask(
        "select elapsed_h, working_h from core.fct_approval_step where step_no = 'AR-2026-00001:1'"
    ) == [(D("114.0000"), D("6.0000"))]


def test_working_hours_are_those_of_the_approvers_country(ask: Ask) -> None:
    assert ask(
        "select elapsed_h, working_h from core.fct_approval_step where step_no = 'AR-2026-00003:1'"
    ) == [(D("65.0000"), D("1.0000"))]


def test_a_step_still_open_is_counted_to_the_build(ask: Ask) -> None:
    # Tuesday 10-17, Wednesday 8, Friday 4, Monday 9-14.
    assert ask(
        "select is_pending, working_h from core.fct_approval_step where request_no = 'AR-2026-00002'"
    ) == [(True, D("24.0000"))]


def test_percentiles_are_nearest_rank(ask: Ask) -> None:
    rows = ask(
        """select breakdown, approver_name, decided, pending, median_elapsed_h, p90_elapsed_h,
            median_working_h, p90_working_h, oldest_pending_h
        from marts.mart_approval_times where kind = 'discount' order by breakdown"""
    )
    values = (5, 1, D("3.0000"), D("10.0000"), D("3.0000"), D("8.0000"), D("148.0000"))
    assert rows == [("approver", "Ben", *values), ("step", None, *values)]


GAPS = [
    # kind, document, from, to, amount in EUR, days, working days, owner
    ("approved_not_booked", "AR-2026-00011", "oa", "erp", D("300.0000"), 5, 2, "Joe"),
    ("approved_not_booked", "CO-2026-00003", "crm", "erp", D("80.0000"), 5, 2, "Joe"),
    ("done_on_paper", "SO-2026-00900", "paper", "crm", D("92.0000"), 14, 9, None),
    ("order_without_approval", "CO-2026-00002", "crm", "oa", D("70.0000"), 6, 3, "Ben"),
    ("paid_not_shipped", "SO-2026-00004", "erp", "erp", D("40.0000"), 10, 5, "Joe"),
    ("shipped_crm_open", "CO-2026-00005", "erp", "crm", D("50.0000"), 13, 8, "Joe"),
    ("won_without_order", "L-2026-0002", "crm", "crm", D("450.0000"), 14, 9, "Joe"),
]


def test_every_kind_of_gap_is_found_once_with_its_money_and_age(ask: Ask) -> None:
    assert (
        ask(
            """select kind, document_no, from_system, to_system, amount, age_days, age_working_days,
                owner_name
            from marts.mart_handoff_gaps order by kind, document_no"""
        )
        == GAPS
    )


def test_the_paper_way_tells_what_it_took_beside_the_systems_way(ask: Ask) -> None:
    # Two days on paper; in the system one order took 18 days and one a day: of two, the first is the median.
    assert ask(
        """select circulation_hours, system_median_hours from marts.mart_handoff_gaps
        where kind = 'done_on_paper'"""
    ) == [(D("48.0000"), D("24.0000"))]


def test_an_order_is_followed_from_lead_to_cash(ask: Ask) -> None:
    assert ask(
        """select sales_order_no, lead_no, amount, lead_to_cash_days, order_to_ship_days, state, channel,
            trip_cost_amount
        from marts.mart_lead_to_cash where order_no = 'CO-2026-00001'"""
    ) == [("SO-2026-00001", "L-2026-0001", D("1000.1000"), 50, 18, "shipped", "system", D("200.0000"))]


def test_an_order_only_the_erp_knows_is_in_the_company_currency_of_its_day(ask: Ask) -> None:
    assert ask(
        """select order_no, amount, currency, order_amount, order_currency, channel
        from marts.mart_lead_to_cash where sales_order_no = 'SO-2026-00900'"""
    ) == [(None, D("92.0000"), "EUR", D("100.0000"), "USD", "paper")]


def test_a_trips_cost_stands_beside_its_leads_revenue(ask: Ask) -> None:
    assert ask(
        """select request_no, employee_name, cost_amount, revenue_amount, order_no, circulation_hours
        from marts.mart_trip_roi where request_no = 'AR-2026-00010'"""
    ) == [("AR-2026-00010", "Joe", D("200.0000"), D("1000.1000"), "CO-2026-00001", D("24.0000"))]


def test_a_trip_s_order_is_its_lead_s_earliest_whatever_its_number(published: Settings) -> None:
    led = "lead_no = 'L-2026-0001', ordered_at = '2026-05-03 08:00:00.000000'"
    run_sql(published, "crm", f"update orders set {led} where order_no = 'CO-2026-00003'")
    extract(published, as_of=AS_OF)
    core(published)
    marts(published)
    asked = "select order_no from marts.mart_trip_roi where request_no = 'AR-2026-00010'"
    assert ask_build(published, asked) == [("CO-2026-00003",)]


def test_sales_count_confirmed_orders_line_by_line(ask: Ask) -> None:
    assert ask(
        """select month_on::varchar, item_no, quantity, revenue_amount, orders
        from marts.mart_sales order by all"""
    ) == [
        ("2026-05-01", "IT-0001", D("1.0000"), D("600.0500"), 1),
        ("2026-05-01", "IT-0002", D("1.0000"), D("400.0500"), 1),
        ("2026-06-01", "IT-0001", D("5.0000"), D("332.0000"), 5),
    ]


METRICS = [
    ("revenue_30d", D("332.0000"), D("1000.1000"), "bad", "EUR"),
    ("open_orders", D("190.0000"), D("1000.1000"), "neutral", "EUR"),
    ("stuck_in_gaps", D("1082.0000"), None, "bad", "EUR"),
    ("approval_hours", D("3.0000"), None, "neutral", "working hours"),
    ("win_rate", D("0.6667"), None, "neutral", "share"),
    ("overdue_receivables", D("25.0000"), D("0.0000"), "neutral", "EUR"),
]


def test_there_are_six_metrics(ask: Ask) -> None:
    assert (
        ask("select metric, value, previous_value, verdict, unit from marts.mart_metric order by sort_order")
        == METRICS
    )


def test_every_metric_carries_its_passport(ask: Ask) -> None:
    rows = ask("select checks_passed, definition, as_of, quarantined_rows from marts.mart_metric")
    assert all(passed > 0 and definition and as_of for passed, definition, as_of, _ in rows)


def test_open_leads_are_weighted_by_how_often_their_stage_was_won(ask: Ask) -> None:
    assert ask(
        """select stage, owner_name, leads, expected_amount, weighted_amount, win_rate, median_age_days
        from marts.mart_pipeline where stage = 'new'"""
    ) == [("new", "Joe", 1, D("300.0000"), D("200.0100"), D("0.6667"), 10)]


def test_cash_by_week_shows_what_came_and_what_is_overdue(ask: Ask) -> None:
    assert ask(
        """select week_on::varchar, actual_in_amount, expected_in_amount, overdue_amount
        from marts.mart_cash order by 1"""
    ) == [
        ("2026-05-18", D("1000.1000"), D("0.0000"), D("0.0000")),
        ("2026-06-01", D("65.0000"), D("0.0000"), D("0.0000")),
        ("2026-06-08", D("0.0000"), D("25.0000"), D("25.0000")),
        ("2026-06-15", D("0.0000"), D("0.0000"), D("0.0000")),
    ]


def test_supply_says_when_an_item_runs_out_and_what_to_order(ask: Ask) -> None:
    # 3 left in 90 days: 1 a month; 5 available last 150 days; 10 days of demand and 5 minimum less 5: 1.
    assert ask(
        """select available, monthly_demand, days_of_cover, runs_out_on::varchar, suggested_quantity
        from marts.mart_supply where item_no = 'IT-0001'"""
    ) == [(D("5.0000"), D("1.0000"), 150, "2026-11-12", D("1.0000"))]


def test_stock_is_known_for_every_day(ask: Ask) -> None:
    assert ask(
        """select on_date::varchar, issued_quantity, on_hand from core.fct_stock_daily
        where on_date between date '2026-05-21' and date '2026-05-23' order by 1"""
    ) == [
        ("2026-05-21", D("0.0000"), D("10.0000")),
        ("2026-05-22", D("3.0000"), D("7.0000")),
        ("2026-05-23", D("0.0000"), D("7.0000")),
    ]


def test_a_customer_is_worth_what_it_bought(ask: Ask) -> None:
    assert ask(
        """select account_no, orders, revenue_amount, days_since_order, overdue_amount, segment
        from marts.mart_customer_value order by 1"""
    ) == [
        ("A-0001", 6, D("1332.1000"), 5, D("25.0000"), "new"),
        ("A-0002", 0, D("0.0000"), None, D("0.0000"), "prospect"),
    ]


@pytest.mark.parametrize(
    ("activity", "objects"),
    [
        ("payment recorded", [("order", 4), ("payment", 4)]),
        ("goods shipped", [("order", 3), ("shipment", 3)]),
    ],
)
def test_an_event_counts_once_for_each_object_it_is_about(
    ask: Ask, activity: str, objects: list[tuple[str, int]]
) -> None:
    assert (
        ask(
            f"""select object_type, count(*) from core.fct_process_event where activity = '{activity}'
            group by object_type order by object_type"""
        )
        == objects
    )


def test_two_payments_do_not_double_their_order(ask: Ask) -> None:
    assert ask("select count(*), sum(paid_amount) from core.fct_order where order_key = 'CO-2026-00001'") == [
        (1, D("1000.1000"))
    ]


def test_the_calendar_reaches_twelve_months_ahead_and_knows_holidays(ask: Ask) -> None:
    assert ask("select min(on_date)::varchar, max(on_date)::varchar from core.dim_date") == [
        ("2023-01-01", "2027-06-30")
    ]
    assert ask(
        """select on_date::varchar, is_working_day, working_part, working_s, holiday_name from core.dim_date
        where country = 'ES' and on_date between date '2026-06-11' and date '2026-06-13' order by 1"""
    ) == [
        ("2026-06-11", False, "none", 0, "C"),
        ("2026-06-12", True, "half", 4 * 3600, "D"),
        ("2026-06-13", False, "none", 0, None),
    ]


def test_office_hours_follow_summer_time(ask: Ask) -> None:
    rows = ask(
        """select opens_at::varchar from core.dim_date where country = 'ES'
        and on_date in (date '2026-03-27', date '2026-03-30') order by on_date"""
    )
    assert [row[0][11:16] for row in rows] == ["08:00", "07:00"]
