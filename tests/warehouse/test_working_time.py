"""Working time by the calendar of who works: its week, hours, holidays, zone and the days the clock changes.

Hours are local to the person who decides; every expected number is counted by hand beside its case.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from settings import Settings
from tests.warehouse.company import put, run_sql, settings_at
from tests.warehouse.conftest import Ask, ask_build
from warehouse.build import core
from warehouse.extract import extract

D = Decimal
LATER = dt.datetime(2028, 12, 31, 12, tzinfo=dt.UTC)

CALENDARS = {
    # country: zone, week, hours
    "ES": ("Europe/Madrid", "12345", "09:00", "17:00"),
    "US": ("America/New_York", "12345", "09:00", "17:00"),
    "CL": ("America/Santiago", "12345", "09:00", "17:00"),
    "AU": ("Australia/Sydney", "12345", "09:00", "17:00"),
    "IN": ("Asia/Kolkata", "12345", "09:30", "18:00"),
    "IL": ("Asia/Jerusalem", "71234", "09:00", "17:00"),
    "AE": ("Asia/Dubai", "62345", "09:00", "17:00"),
    # around the clock: until midnight, said in either way
    "FR": ("Europe/Paris", "1234567", "00:00", "24:00"),
    "AR": ("America/Santiago", "1234567", "00:00", "00:00"),
    # bakers: the night in which the clock changes is theirs
    "PT": ("Europe/Lisbon", "1234567", "00:30", "06:30"),
    "IT": ("Europe/Rome", "1234567", "00:30", "06:30"),
}

HOLIDAYS = (
    ("ES", "2026-06-11", "full"),
    ("ES", "2026-08-15", "full"),  # a Saturday
    ("ES", "2026-11-08", "half"),  # a Sunday
    ("ES", "2026-12-24", "half"),
    ("ES", "2026-12-25", "full"),
    ("ES", "2027-01-01", "full"),
    ("IT", "2026-03-29", "half"),
)

CASES = [
    # what, country, asked, decided (local to the country), elapsed, worked
    # Friday 16-17, Monday 9-10. The night to 29 March has an hour less, that to 25 October one more.
    ("spring weekend", "ES", "2026-03-27 16:00", "2026-03-30 10:00", 65, 2),
    ("autumn weekend", "ES", "2026-10-23 16:00", "2026-10-26 10:00", 67, 2),
    # Around the clock the hour counts: 20-24 and 0-8 by the wall, 11 and 13 hours by the watch.
    ("spring night around the clock", "FR", "2026-03-28 20:00", "2026-03-29 08:00", 11, 11),
    ("autumn night around the clock", "FR", "2026-10-24 20:00", "2026-10-25 08:00", 13, 13),
    # In Santiago the midnight of 6 September does not exist; 4 April's last hour comes twice.
    ("a midnight that is not there", "AR", "2026-09-05 20:00", "2026-09-06 08:00", 11, 11),
    ("an evening hour twice", "AR", "2026-04-04 20:00", "2026-04-05 08:00", 13, 13),
    # Bakers from 0:30 to 6:30: six hours, five in spring, seven in autumn.
    ("an ordinary night", "PT", "2026-03-28 00:00", "2026-03-28 07:00", 7, 6),
    ("the short night", "PT", "2026-03-29 00:00", "2026-03-29 07:00", 6, 5),
    ("the long night", "PT", "2026-10-25 00:00", "2026-10-25 07:00", 8, 7),
    # Half of five hours.
    ("half of the short night", "IT", "2026-03-29 00:00", "2026-03-29 07:00", 6, D("2.5")),
    # Santiago puts the clock back on 5 April: Friday 16-17, Monday 9-10. Sydney puts it forward on 4 October:
    # Friday 16-17, all Monday, Tuesday 9-10.
    ("southern autumn", "CL", "2026-04-03 16:00", "2026-04-06 10:00", 67, 2),
    ("southern spring", "AU", "2026-10-02 16:00", "2026-10-06 10:00", 89, 10),
    # Half an hour on Monday, eight and a half on Tuesday, half an hour on Wednesday.
    ("a zone of half hours", "IN", "2026-06-01 17:30", "2026-06-03 10:00", D("40.5"), D("9.5")),
    # Monday 16-17, Tuesday 29 February, Wednesday 9-10.
    ("a leap day", "ES", "2028-02-28 16:00", "2028-03-01 10:00", 42, 10),
    # Wednesday 16-17, Thursday 9-13, Christmas and the weekend, Monday 9-10.
    ("Christmas Eve", "ES", "2026-12-23 16:00", "2026-12-28 10:00", 114, 6),
    ("within the half not worked", "ES", "2026-12-24 13:30", "2026-12-24 16:00", D("2.5"), 0),
    # Friday 16-17, Monday 9-10: what falls on a weekend frees no other day.
    ("a holiday on a Saturday", "ES", "2026-08-14 16:00", "2026-08-17 10:00", 66, 2),
    ("half a holiday on a Sunday", "ES", "2026-11-06 16:00", "2026-11-09 10:00", 66, 2),
    # Thursday 16-17, Sunday 9-10; Saturday 16-17, Tuesday 9-10.
    ("a week from Sunday to Thursday", "IL", "2026-06-04 16:00", "2026-06-07 10:00", 66, 2),
    ("a week from Tuesday to Saturday", "AE", "2026-06-06 16:00", "2026-06-09 10:00", 66, 2),
    ("asked before opening", "ES", "2026-06-02 07:00", "2026-06-02 10:00", 3, 1),
    ("decided after closing", "ES", "2026-06-02 16:00", "2026-06-02 22:00", 6, 1),
    ("all before opening", "ES", "2026-06-02 06:00", "2026-06-02 08:30", D("2.5"), 0),
    ("from evening to morning", "ES", "2026-06-02 20:00", "2026-06-03 08:00", 12, 0),
    ("asked on a holiday", "ES", "2026-06-11 10:00", "2026-06-12 10:00", 24, 1),
    ("within a weekend", "ES", "2026-06-06 10:00", "2026-06-07 18:00", 32, 0),
    # Thursday 16-17, New Year and the weekend, Monday 9-10.
    ("across the year's end", "ES", "2026-12-31 16:00", "2027-01-04 10:00", 90, 2),
]

# New York is six hours behind Madrid, but five from 8 to 29 March and from 25 October to 1 November 2026:
# from two to three in the afternoon in Madrid is before nine there, or from nine to ten.
APART = [("2026-03-02", 0), ("2026-03-16", 1), ("2026-03-30", 0), ("2026-10-26", 1), ("2026-11-02", 0)]


def local(country: str, text: str) -> dt.datetime:
    zone = ZoneInfo(CALENDARS[country][0])
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(dt.UTC)


def ask_and_decide(
    settings: Settings, no: str, country: str, asked: dt.datetime, decided: dt.datetime
) -> None:
    times = {"requested_at": asked, "decided_at": decided}
    put(settings, "oa.approval_requests", {"request_no": no, "kind": "expense", "status": "approved"} | times)
    step = {"step_no": f"{no}:1", "request_no": no, "step_name": "manager", "decision": "approved"}
    when = {"asked_at": asked, "decided_at": decided}
    put(settings, "oa.approval_steps", step | when | {"approver_no": f"E-{country}"})


def calendars(settings: Settings) -> None:
    put(settings, "oa.departments", {"department_no": "D-ALL", "name": "All", "country": "ES"})
    for country, (zone, week, opens, closes) in CALENDARS.items():
        hours = {"opens_at": opens, "closes_at": closes}
        put(
            settings, "oa.calendars", hours | {"country": country, "timezone": zone, "working_weekdays": week}
        )
        person = {"employee_no": f"E-{country}", "name": f"Of {country}"}
        put(settings, "oa.employees", person | {"country": country, "timezone": zone})
    put(settings, "oa.employees", {"employee_no": "E-0003", "name": "Joe"})
    for country, on_date, part in HOLIDAYS:
        day = {"holiday_no": f"{country}-{on_date}", "country": country, "on_date": on_date}
        put(settings, "oa.holidays", day | {"name": "Holiday", "day_part": part})


@pytest.fixture(scope="module")
def worked(empty_stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    home = tmp_path_factory.mktemp("worked") / "home"
    shutil.copytree(empty_stores, home)
    settings = settings_at(home)
    calendars(settings)
    for number, (_, country, asked, decided, _, _) in enumerate(CASES):
        ask_and_decide(settings, f"AR-{number}", country, local(country, asked), local(country, decided))
    for day, _ in APART:
        span = (local("ES", f"{day} 14:00"), local("ES", f"{day} 15:00"))
        ask_and_decide(settings, f"US-{day}", "US", *span)
        ask_and_decide(settings, f"ES-{day}", "ES", *span)
    # The same wall-clock hour twice: half past two in summer time, and an hour later in winter time.
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    ask_and_decide(settings, "AR-TWICE", "FR", first, first + dt.timedelta(hours=1))
    extract(settings, as_of=LATER)
    core(settings)
    connection = duckdb.connect(str(settings.build_file), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


def hours(worked: Ask, request_no: str) -> list[tuple[Any, ...]]:
    """Elapsed and worked until the decision, as the step has it and as the event log has it."""
    return worked(
        f"""select elapsed_h, working_h from core.fct_approval_step where request_no = '{request_no}'
        union all select elapsed_h, working_h from core.fct_process_event
        where event_no = '{request_no}:1:decided' and object_type = 'request'"""
    )


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[0] for case in CASES])
def test_hours_are_those_that_were_worked(worked: Ask, number: int) -> None:
    elapsed, working = CASES[number][4:]
    assert hours(worked, f"AR-{number}") == [(elapsed, working)] * 2


@pytest.mark.parametrize(("day", "expected"), APART)
def test_two_zones_that_change_their_clocks_on_different_days(worked: Ask, day: str, expected: int) -> None:
    assert hours(worked, f"US-{day}") == [(1, expected)] * 2
    assert hours(worked, f"ES-{day}") == [(1, 1)] * 2


def test_an_hour_that_comes_twice_is_worked_twice(worked: Ask) -> None:
    assert hours(worked, "AR-TWICE") == [(1, 1)] * 2


@pytest.mark.parametrize(
    ("country", "day", "expected"),
    [
        # 0:30 is 00:30 UTC in winter; 6:30 is 05:30 UTC in summer.
        ("PT", "2026-03-29", ("2026-03-29 00:30:00+00", "2026-03-29 05:30:00+00", 5 * 3600)),
        # 0:30 in summer is 23:30 UTC of the day before; 6:30 in winter is 06:30 UTC.
        ("PT", "2026-10-25", ("2026-10-24 23:30:00+00", "2026-10-25 06:30:00+00", 7 * 3600)),
        # Half of five hours from 0:30 in Rome, 23:30 UTC: until 2:00 UTC, four o'clock in summer time.
        ("IT", "2026-03-29", ("2026-03-28 23:30:00+00", "2026-03-29 02:00:00+00", 5 * 1800)),
        ("FR", "2026-03-29", ("2026-03-28 23:00:00+00", "2026-03-29 22:00:00+00", 23 * 3600)),
        ("FR", "2026-10-25", ("2026-10-24 22:00:00+00", "2026-10-25 23:00:00+00", 25 * 3600)),
        ("FR", "2026-07-01", ("2026-06-30 22:00:00+00", "2026-07-01 22:00:00+00", 24 * 3600)),
        ("AR", "2026-09-06", ("2026-09-06 04:00:00+00", "2026-09-07 03:00:00+00", 23 * 3600)),
        ("AR", "2026-04-04", ("2026-04-04 03:00:00+00", "2026-04-05 04:00:00+00", 25 * 3600)),
        # Nine in Madrid is 8 UTC in winter and 7 in summer; half a day is 9 to 13.
        ("ES", "2026-03-27", ("2026-03-27 08:00:00+00", "2026-03-27 16:00:00+00", 8 * 3600)),
        ("ES", "2026-03-30", ("2026-03-30 07:00:00+00", "2026-03-30 15:00:00+00", 8 * 3600)),
        ("ES", "2026-12-24", ("2026-12-24 08:00:00+00", "2026-12-24 12:00:00+00", 4 * 3600)),
        ("ES", "2028-02-29", ("2028-02-29 08:00:00+00", "2028-02-29 16:00:00+00", 8 * 3600)),
        # Half past nine in India is 4 UTC the whole year.
        ("IN", "2026-06-01", ("2026-06-01 04:00:00+00", "2026-06-01 12:30:00+00", 17 * 1800)),
        ("ES", "2026-08-15", (None, None, 0)),
        ("ES", "2026-11-08", (None, None, 0)),
    ],
)
def test_a_day_opens_and_closes_at_instants(
    worked: Ask, country: str, day: str, expected: tuple[str | None, str | None, int]
) -> None:
    assert worked(
        f"""select opens_at::varchar, closes_at::varchar, working_s from core.dim_date
        where country = '{country}' and on_date = date '{day}'"""
    ) == [expected]


def test_a_day_is_as_long_as_from_opening_to_closing_and_follows_the_one_before(worked: Ask) -> None:
    assert (
        worked(
            """select country, on_date from (
            select *, lead(working_s_before) over (partition by country order by on_date) as next_before,
                lead(opens_at) over (partition by country order by on_date) as next_opens_at
            from core.dim_date
        )
        where next_before <> working_s_before + working_s
            or (working_s > 0 and epoch_us(closes_at) - epoch_us(opens_at) <> 1000000 * working_s)
            or next_opens_at < closes_at"""
        )
        == []
    )


@pytest.mark.slow
def test_a_move_to_another_country_leaves_the_hours_of_before(company: Settings) -> None:
    # Tuesday 8:30 to 9:30 in Madrid is 12:00 to 13:00 in India: half an hour as the person worked then.
    calendars(company)
    ask_and_decide(company, "AR-1", "ES", local("ES", "2026-06-02 08:30"), local("ES", "2026-06-02 09:30"))
    extract(company, as_of=LATER)
    core(company)
    moved = "update employees set country = 'IN', timezone = 'Asia/Kolkata' where employee_no = 'E-ES'"
    run_sql(company, "oa", moved)
    extract(company, as_of=LATER)
    core(company)
    assert ask_build(
        company, "select country from core.dim_employee where employee_no = 'E-ES' and is_current"
    ) == [("IN",)]
    assert ask_build(
        company,
        "select working_h from core.fct_process_event where event_no = 'AR-1:1:decided'",
    ) == [(D("0.5000"),)]
