"""The event log and what is counted of it, beside a story counted by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from settings import Settings
from tests.warehouse.company import settings_at
from tests.warehouse.conftest import Ask
from warehouse import changes
from warehouse.gates import gate

D = Decimal


@pytest.fixture(scope="module")
def told(processes: Settings) -> Iterator[Ask]:
    connection = duckdb.connect(str(processes.published_file), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


def events_of(told: Ask, object_no: str, columns: str) -> list[tuple[object, ...]]:
    return told(
        f"select {columns} from core.fct_process_event where object_no = '{object_no}' order by sequence"
    )


ORDER = [
    # activity, at (day and hour, UTC), who, system, elapsed hours, working hours
    ("lead created", "01 08", "Joe & <José>", "crm", None, None),
    ("lead engaged", "01 09", "Joe & <José>", "crm", 1, 1),
    ("lead qualified", "01 10", "Joe & <José>", "crm", 1, 1),
    ("lead engaged", "01 11", "Joe & <José>", "crm", 1, 1),
    ("lead won", "01 12", "Joe & <José>", "crm", 1, 1),
    # Monday 14-17 and Tuesday 9-10 in Madrid
    ("order confirmed", "02 08", "Joe & <José>", "crm", 20, 4),
    ("request filed", "02 08", "Joe & <José>", "oa", 0, 0),
    ("manager asked", "02 08", None, "oa", 0, 0),
    ("manager approved", "02 10", "Ben", "oa", 2, 2),
    ("finance asked", "02 10", None, "oa", 0, 0),
    # Tuesday 11-17 and Wednesday 9-10 in London
    ("finance approved", "03 09", "Anna", "oa", 23, 7),
    # ordered on Tuesday; booked after what it waited for
    ("order booked", "03 09", None, "erp", 0, 0),
    # no person: Wednesday 11-17 and Thursday 9-10 in Madrid, where most people work
    ("production done", "04 08", None, "erp", 23, 7),
    ("production done", "04 09", None, "erp", 1, 1),
    # Thursday 10-17 in London; at 8 UTC on Friday she just opens
    ("payment recorded", "05 08", "Anna", "erp", 23, 7),
    # Friday; Monday at opening
    ("payment recorded", "08 08", "Anna", "erp", 72, 8),
    ("shipment requested", "08 09", None, "erp", 1, 1),
    ("shipment requested", "08 09", None, "erp", 0, 0),
    ("goods shipped", "08 10", None, "erp", 1, 1),
    # Monday 12-17, Tuesday 9-10 in Madrid
    ("goods shipped", "09 08", None, "erp", 22, 6),
]


def test_an_orders_events_stand_in_order_with_their_waits(told: Ask) -> None:
    found = events_of(
        told, "CO-1", "activity, strftime(happened_at, '%d %H'), actor, system, elapsed_h, working_h"
    )
    assert found == ORDER


def test_each_event_knows_the_one_before_it(told: Ask) -> None:
    assert events_of(
        told,
        "AR-1",
        "sequence, event_no, previous_event_no, previous_activity, previous_actor_no, previous_system",
    ) == [
        (1, "AR-1:filed", None, None, None, None),
        (2, "AR-1:1:asked", "AR-1:filed", "request filed", "E-0003", "oa"),
        (3, "AR-1:1:decided", "AR-1:1:asked", "manager asked", None, "oa"),
        (4, "AR-1:2:asked", "AR-1:1:decided", "manager approved", "E-0002", "oa"),
        (5, "AR-1:2:decided", "AR-1:2:asked", "finance asked", None, "oa"),
    ]


def test_a_trip_cancelled_later_gives_back_what_was_booked_for_it(told: Ask) -> None:
    assert events_of(told, "AR-2", "activity, strftime(happened_at, '%d %H'), actor_no, system") == [
        ("request filed", "03 07", "E-0003", "oa"),
        ("manager asked", "03 07", None, "oa"),
        ("manager approved", "03 08", "E-0002", "oa"),
        ("funds booked", "03 08", None, "erp"),
        ("attendance booked", "03 08", None, "oa"),
        ("request cancelled", "05 07", "E-0003", "oa"),
        ("funds reversed", "05 07", None, "erp"),
        ("attendance released", "05 07", None, "oa"),
    ]


def test_a_trip_of_two_days_is_booked_once_and_reported(told: Ask) -> None:
    assert events_of(told, "AR-4", "activity, strftime(happened_at, '%d %H')") == [
        ("request filed", "04 07"),
        ("manager asked", "04 07"),
        ("manager approved", "04 09"),
        ("funds booked", "04 10"),
        ("attendance booked", "04 10"),
        ("trip reported", "10 08"),
    ]


def test_what_went_around_the_systems_is_marked(told: Ask) -> None:
    assert told(
        """select event_no, activity from core.fct_process_event where channel = 'paper'
        group by all order by all"""
    ) == [
        ("AR-3:filed", "request filed"),
        ("AR-3:request decided", "request approved"),
        ("PA-2:recorded", "payment recorded"),
        ("PA-9:recorded", "payment recorded"),
        ("SO-9:booked", "order booked"),
    ]


def test_a_refused_booking_and_a_cancelled_draft_say_so(told: Ask) -> None:
    assert events_of(told, "CO-3", "activity, strftime(happened_at, '%d %H:%M')") == [
        ("order drafted", "02 10:00"),
        ("order cancelled", "04 10:00"),
    ]
    assert events_of(told, "CO-4", "activity, strftime(happened_at, '%d %H:%M')") == [
        ("order confirmed", "02 11:00"),
        ("booking refused", "02 11:30"),
    ]


def test_the_crm_was_told_only_when_its_order_changed(told: Ask) -> None:
    assert told(
        "select object_no, happened_at::varchar from core.fct_process_event where activity = 'crm told'"
    ) == [("CO-2", "2026-06-02 12:00:00+00")]


def test_a_lead_without_a_history_still_tells_its_end(told: Ask) -> None:
    assert events_of(told, "L-2", "activity, actor_no") == [("lead created", None), ("lead lost", None)]


def test_an_event_is_one_whatever_it_is_about(told: Ask) -> None:
    assert (
        told(
            """select event_no from core.fct_process_event group by event_no
            having count(distinct (activity, happened_at, coalesce(actor_no, ''), system, channel)) > 1"""
        )
        == []
    )
    # Two payments of one order are two events, each about the payment and the order.
    assert told(
        """select object_type, count(*), count(distinct event_no) from core.fct_process_event
        where event_no in ('PA-1:recorded', 'PA-2:recorded') group by all order by all"""
    ) == [("order", 2, 2), ("payment", 2, 2)]
    # The lead was won once, for the lead and for its two orders.
    assert told(
        """select object_no from core.fct_process_event where activity = 'lead won' order by object_no"""
    ) == [("CO-1",), ("CO-2",), ("L-1",)]


def test_done_again_is_told_from_done_in_parts(told: Ask) -> None:
    assert told(
        """select object_type, object_no, activity, occurrence from core.fct_process_event
        where is_rework order by all"""
    ) == [
        ("lead", "L-1", "lead engaged", 2),
        ("order", "CO-1", "lead engaged", 2),
        ("order", "CO-2", "lead engaged", 2),
        ("request", "AR-5", "manager asked", 2),
    ]


def test_objects_are_of_every_type_of_the_process(told: Ask) -> None:
    assert told(
        """select object_type, count(distinct object_no) from core.fct_process_event
        group by object_type order by object_type"""
    ) == [
        ("account", 1),
        ("lead", 2),
        ("order", 5),
        ("payment", 3),
        ("production", 2),
        ("request", 8),
        ("shipment", 2),
    ]


def test_a_variant_is_a_way_and_what_it_took(told: Ask) -> None:
    # 06-01 08:00 to 06-09 08:00; the working hours of the list above; nothing is told twice of a part.
    path = (
        "lead created → lead engaged → lead qualified → lead engaged → lead won → order confirmed → "
        "request filed → manager asked → manager approved → finance asked → finance approved → "
        "order booked → production done → payment recorded → shipment requested → goods shipped"
    )
    assert told(
        """select path, path_steps, cases, case_share, median_elapsed_h, p90_working_h, rework_share,
            paper_share
        from marts.mart_process_variant where example_case_no = 'CO-1'"""
    ) == [(path, 16, 1, D("0.2000"), D("192.0000"), D("48.0000"), D("1.0000"), D("1.0000"))]


def test_cases_of_one_way_are_one_variant(told: Ask) -> None:
    # AR-6, AR-7, AR-8: elapsed 1, 2, 24 h and worked 1, 2, 8 h; the median is the second, p90 the third.
    values = (D("2.0000"), D("24.0000"), D("2.0000"), D("8.0000"), D("0.0000"), D("0.0000"))
    assert told(
        """select variant_no, path, cases, case_share, median_elapsed_h, p90_elapsed_h, median_working_h,
            p90_working_h, rework_share, paper_share, example_case_no
        from marts.mart_process_variant where process = 'approval' and cases > 1"""
    ) == [(1, "request filed → manager asked → manager approved", 3, D("0.3750"), *values, "AR-8")]
    assert told(
        """select path, cases, rework_share, paper_share from marts.mart_process_variant
        where process = 'approval' and (rework_share > 0 or paper_share > 0) order by path desc"""
    ) == [
        ("request filed → request approved", 1, D("0.0000"), D("1.0000")),
        (
            "request filed → manager asked → manager refused → manager asked → manager approved",
            1,
            D("1.0000"),
            D("0.0000"),
        ),
    ]


def test_every_case_is_of_one_variant(told: Ask) -> None:
    assert told(
        """select process, sum(cases)::int, sum(case_share) from marts.mart_process_variant
        group by process order by process"""
    ) == [("approval", 8, D("1.0000")), ("lead_to_cash", 5, D("1.0000"))]


def test_a_handover_waits_from_hand_to_hand(told: Ask) -> None:
    # Joe to Ben: 2, 1, 2, 1, 1, 2 and 24 (8) hours; after his refusal Ben himself goes on.
    assert told(
        """select handovers, median_elapsed_h, median_working_h, paper_share from marts.mart_handover
        where breakdown = 'actor' and process = 'approval' and from_actor_no = 'E-0003'
            and to_actor_no = 'E-0002'"""
    ) == [(7, D("2.0000"), D("2.0000"), D("0.0000"))]
    # AR-1: Tuesday 11-17 and Wednesday 9-10 in London.
    assert told(
        """select from_system, to_system, handovers, median_elapsed_h, median_working_h, example_case_no
        from marts.mart_handover where process = 'approval' and from_actor = 'Ben' and to_actor = 'Anna'"""
    ) == [("oa", "oa", 1, D("23.0000"), D("7.0000"), "AR-1")]


def test_systems_hand_over_too_and_paper_shows(told: Ask) -> None:
    # CO-1 from CRM to OA and on to the ERP; CO-2 and CO-4 from CRM to ERP; telling the CRM is routing.
    assert told(
        """select from_system, to_system, handovers, median_working_h, paper_share from marts.mart_handover
        where breakdown = 'system' and process = 'lead_to_cash' order by all"""
    ) == [
        ("crm", "erp", 2, D("0.0000"), D("0.0000")),
        ("crm", "oa", 1, D("0.0000"), D("0.0000")),
        ("oa", "erp", 1, D("0.0000"), D("0.0000")),
    ]
    # Anna took the paper order's payment from the ERP: Wednesday 9-17 in London is 8-16 UTC.
    assert told(
        """select handovers, median_working_h, paper_share from marts.mart_handover
        where breakdown = 'actor' and process = 'lead_to_cash' and from_actor_no is null
            and to_actor = 'Anna'"""
    ) == [(2, D("7.0000"), D("0.5000"))]


def test_rework_is_counted_by_activity(told: Ask) -> None:
    assert told(
        """select process, activity, cases, repeated_cases, repeats, rework_share, rework_working_h,
            example_case_no
        from marts.mart_rework where repeats > 0 order by process, activity"""
    ) == [
        ("approval", "manager asked", 7, 1, 1, D("0.1429"), D("0.0000"), "AR-5"),
        ("lead_to_cash", "lead engaged", 2, 2, 2, D("1.0000"), D("2.0000"), "CO-2"),
    ]


def test_circulation_shows_paper_beside_the_systems(told: Ask) -> None:
    assert told(
        """select kind, channel, cases, median_people, median_handovers, most_handovers, median_elapsed_h,
            p90_elapsed_h, median_working_h
        from marts.mart_circulation where kind in ('trip', 'expense') order by kind, channel"""
    ) == [
        # Wednesday 10-17 and Thursday 9-10 in Madrid
        ("expense", "paper", 1, 1, 1, 1, D("24.0000"), D("24.0000"), D("8.0000")),
        # AR-2 48 h, AR-4 145 h; AR-2 Wednesday 9-10 and 10-17, all Thursday: 16 h, and AR-4 more.
        # AR-4: Ben, ERP, OA, Joe in the CRM; AR-2: Ben, ERP, OA, Joe, ERP, OA.
        ("trip", "system", 2, 2, 4, 6, D("48.0000"), D("145.0000"), D("16.0000")),
    ]


@pytest.mark.slow
def test_a_log_that_does_not_add_up_is_not_published(processes: Settings, tmp_path: Path) -> None:
    shutil.copytree(processes.home, tmp_path / "home")
    settings = settings_at(tmp_path / "home")
    with duckdb.connect(str(settings.build_file)) as build:
        build.execute(
            """update core.fct_process_event set happened_at = happened_at + interval 1 day
            where event_no = 'PA-1:recorded' and object_type = 'order'"""
        )
        build.execute("delete from core.fct_process_event where event_no = 'SH-1:shipped'")
        build.execute("delete from core.fct_process_event where event_no = 'AR-5:2:decided'")
        build.execute("update core.fct_process_event set working_h = 3 where event_no = 'AR-6:1:decided'")
        changes.note_whole(build, "core.fct_process_event", tick=changes.next_tick(build))
    names = ("an_event_is_one", "events_add_up", "an_objects_events_follow_one_another")
    assert set(names) <= set(gate(settings)["holding"])
    with duckdb.connect(str(settings.build_file)) as build:
        rows = build.execute(
            """select gate, failing_row from quality.failures where gate in (select unnest(?))
            order by gate, failing_row""",
            [list(names)],
        ).fetchall()
    assert [name for name, _ in rows] == [
        "an_event_is_one",
        "an_objects_events_follow_one_another",
        "events_add_up",
        "events_add_up",
    ]
    assert "PA-1:recorded" in rows[0][1]
    assert "AR-6" in rows[1][1]
    assert "approval decided" in rows[2][1]
    assert "goods shipped" in rows[3][1]
