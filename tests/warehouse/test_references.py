"""What facts are held against: rates, suppliers, and the plan that goes back to the ERP, counted by hand."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from settings import Settings
from tests.warehouse.company import AS_OF, put, run_sql
from tests.warehouse.conftest import Ask, ask_build
from warehouse.build import core, marts
from warehouse.build_file import open_build
from warehouse.extract import extract

PLAN = "select plan_no, month_on, items, quantity, amount, currency, plan_lines from marts.mart_demand_plan"


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2026-04-30", None),  # nobody knows it yet
        ("2026-05-01", "0.9"),
        ("2026-05-31", "0.9"),
        ("2026-06-01", "0.92"),
        ("2026-07-15", "0.92"),
    ],
)
def test_a_rate_holds_from_its_day_until_the_next_one(ask: Ask, day: str, rate: str | None) -> None:
    found = ask(f"select rate from core.dim_exchange_rate where currency = 'USD' and on_date = '{day}'")
    assert found == ([(Decimal(rate),)] if rate else [])


def test_the_company_s_own_currency_is_one_on_every_day_of_the_calendar(ask: Ask) -> None:
    own = "from core.dim_exchange_rate where currency = 'EUR'"
    assert ask(f"select count(distinct on_date) = count(*), min(rate), max(rate) {own}") == [(True, 1, 1)]
    days = "select min(on_date), max(on_date) from"
    assert ask(f"select min(on_date), max(on_date) {own}") == ask(f"{days} core.dim_date")
    keys = "select count(*) from core.dim_exchange_rate group by currency, on_date having count(*) > 1"
    assert ask(keys) == []


def test_a_supplier_is_there_once_as_the_erp_has_it(published: Settings) -> None:
    put(published, "erp.suppliers", {"supplier_no": "S-1", "name": "Cable Works", "country": "FR",
                                     "lead_time_days": 15})  # fmt: skip
    made(published)
    suppliers = "select supplier_no, name, country, lead_time_days from core.dim_supplier"
    assert ask_build(published, suppliers) == [("S-1", "Cable Works", "FR", 15)]
    run_sql(published, "erp", "update suppliers set lead_time_days = 12 where supplier_no = 'S-1'")
    made(published)
    assert ask_build(published, suppliers) == [("S-1", "Cable Works", "FR", 12)]
    run_sql(published, "erp", "delete from suppliers")
    made(published)
    assert ask_build(published, suppliers) == []


def test_the_plan_is_next_month_s_whole_pieces_at_cost_in_the_company_s_currency(
    published: Settings,
) -> None:
    """10.2 pumps of 5 EUR and 3 fans of 4 USD at 0.92: 11 x 5 + 3 x 3.68."""
    fans = "update items set currency = 'USD', standard_cost = '4.0000' where item_no = 'IT-0002'"
    run_sql(published, "erp", fans)
    forecast(published, ("IT-0001", "2026-07-01", "10.2"), ("IT-0002", "2026-07-01", "3"),
             ("IT-0001", "2026-08-01", "99"), ("IT-0002", "2026-06-01", "99"))  # fmt: skip
    made(published)
    ((number, month, items, quantity, amount, currency, lines),) = ask_build(published, PLAN)
    assert (number, month, items) == ("PLAN-2026-07", dt.date(2026, 7, 1), 2)
    assert (quantity, amount, currency) == (Decimal(14), Decimal("66.04"), "EUR")
    assert json.loads(lines) == {
        "month_on": "2026-07-01",
        "lines": [
            {"item_no": "IT-0001", "quantity": "11.0000"},
            {"item_no": "IT-0002", "quantity": "3.0000"},
        ],
    }


def test_a_plan_with_a_cost_that_no_rate_is_known_of_has_no_amount(published: Settings) -> None:
    run_sql(published, "erp", "update items set currency = 'SEK' where item_no = 'IT-0002'")
    forecast(published, ("IT-0001", "2026-07-01", "1"), ("IT-0002", "2026-07-01", "1"))
    made(published)
    assert [row[2:5] for row in ask_build(published, PLAN)] == [(2, Decimal(2), None)]


def test_nothing_to_plan_is_no_plan(published: Settings) -> None:
    forecast(published, ("IT-0001", "2026-07-01", "0"))
    made(published)
    assert ask_build(published, PLAN) == []


def forecast(settings: Settings, *demands: tuple[str, str, str]) -> None:
    """Put forecast demand in: item, first of the month, quantity."""
    with open_build(settings) as build:
        for item_no, month, quantity in demands:
            build.execute(
                """insert into planning.forecast (series_kind, series_key, period_on, is_forecast, forecast)
                values ('demand_item', ?, ?, true, ?)""",
                [item_no, month, quantity],
            )


def made(settings: Settings) -> None:
    """Extract, core and marts, not what plans."""
    extract(settings, as_of=AS_OF)
    core(settings)
    marts(settings)
