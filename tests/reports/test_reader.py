"""A value reads as its reader writes it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from reports.reader import Reader

MADRID = ZoneInfo("Europe/Madrid")
EN, ES = Reader(Locale("en"), MADRID, "EUR"), Reader(Locale("es"), MADRID, "EUR")


@pytest.mark.parametrize(
    ("said", "english", "spanish"),
    [
        (lambda r: r.money(Decimal("1265793.045"), 2), "€1,265,793.05", "1.265.793,05 €"),
        (lambda r: r.money(Decimal("-0.4")), "€0", "0 €"),
        (lambda r: r.money(Decimal("-1200.5")), "−€1,201", "−1.201 €"),
        (lambda r: r.percent(Decimal("0.2875"), 1), "28.8%", "28,8 %"),
        (lambda r: r.change(Decimal("-0.045")), "−4.5%", "−4,5 %"),
        (lambda r: r.hours(Decimal("8")), "8 h", "8 h"),
        (lambda r: r.hours(Decimal("9.96")), "10 h", "10 h"),
        (lambda r: r.hours(Decimal("9.44")), "9.4 h", "9,4 h"),
        (lambda r: r.days(Decimal(1)), "1 day", "1 día"),
        (lambda r: r.working_days(Decimal("2.4")), "2 working days", "2 días laborables"),
        (lambda r: r.day(dt.date(2026, 11, 20)), "Nov 20, 2026", "20 nov 2026"),
        (lambda r: r.significant(Decimal("31.064")), "31.1", "31,1"),
        (lambda r: r.significant(Decimal(0)), "0.00", "0,00"),
        (lambda r: r.value(Decimal("12.5"), "orders"), "13 orders", "13 orders"),
        (lambda r: r.word("stage", "qualified"), "Qualified", "Cualificada"),
        (lambda r: r.word("stage", "of another system"), "of another system", "of another system"),
    ],
)
def test_values_in_both_languages(said: object, english: str, spanish: str) -> None:
    assert callable(said)
    assert said(EN) == english
    assert said(ES).replace("\xa0", " ") == spanish


def test_what_is_not_known_is_a_dash_and_not_nothing() -> None:
    for method in (
        "money",
        "number",
        "percent",
        "hours",
        "days",
        "working_days",
        "day",
        "instant",
        "significant",
    ):
        assert getattr(EN, method)(None) == "–"
    assert EN.value(None, "EUR") == EN.value(None, "share") == EN.value(None, "hours") == "–"


def test_an_instant_is_told_in_the_company_zone_with_its_day() -> None:
    late = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    assert ES.instant(late) == "1 jul 2026, 1:30 CEST"
    assert EN.day(late) == "Jul 1, 2026"


def test_values_in_a_sentence_are_escaped() -> None:
    said = EN.text("page.as_of", at="<b>&")
    assert str(said) == "As of &lt;b&gt;&amp;"


@pytest.mark.parametrize(
    ("said", "spanish"),
    [
        ("Decide AR-2026-00042", "Decida AR-2026-00042"),
        ("In quarantine (line.item_no known): correct it, then replay",
         "En cuarentena (line.item_no known): corríjalo y vuelva a procesarlo"),
        ("Ship it", "Envíelo"),
        ("Something the mart learned {to} say", "Something the mart learned {to} say"),
        (None, "–"),
    ],
)  # fmt: skip
def test_what_to_do_is_said_in_the_readers_language(said: str | None, spanish: str) -> None:
    assert ES.action(said) == spanish
    assert EN.action(said) == (said or "–")
