"""The loop's promises: nothing is lost, one effect, every run adds up, one bad row stops nothing."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import (
    CountMismatch,
    Misconfigured,
    MissingDependency,
    RecordRejected,
    Refused,
    Unreachable,
)
from hub import quarantine
from hub.run import StepReport, run_flow, run_step
from hub.words import Using
from tests.hub.conftest import World


def counts(report: StepReport) -> tuple[int, int, int, int, int]:
    return report.read, report.written, report.unchanged, report.waiting, report.quarantined


def aside(world: World, *, waiting: bool = False) -> list[dict[str, Any]]:
    with world.desk() as desk:
        return quarantine.entries(desk, waiting=waiting)


def fail(error: BaseException) -> Any:
    def act() -> None:
        raise error

    return act


def test_what_was_read_arrives_and_is_counted(world: World) -> None:
    for number in range(250):
        world.order(number, draft=number < 10)
    assert counts(world.run()) == (250, 240, 10, 0, 0)
    assert len(world.in_erp()) == 240


def test_running_twice_changes_nothing(world: World) -> None:
    for number in range(5):
        world.order(number)
    world.run()
    del world.erp.written[:]
    assert counts(world.run()) == (0, 0, 0, 0, 0)
    assert world.erp.written == []


def test_a_changed_row_comes_again_and_alone(world: World) -> None:
    world.order(1)
    world.order(2)
    world.run()
    world.order(1, amount=20)
    assert counts(world.run()) == (1, 1, 0, 0, 0)
    world.order(2)
    assert counts(world.run()) == (1, 0, 1, 0, 0)


def test_rows_of_one_instant_are_all_read_across_pages(world: World) -> None:
    world.order(0)
    for number in range(1, 301):
        world.crm.put(
            "orders",
            {**world.crm.streams["orders"]["CO-0000"], "order_no": f"CO-{number:04d}"},
            tie=True,
        )
    assert counts(world.run()) == (301, 301, 0, 0, 0)


def test_one_bad_row_among_a_thousand_stops_nothing(world: World) -> None:
    for number in range(1000):
        world.order(number, currency="eur" if number == 500 else "EUR")
    assert counts(world.run()) == (1000, 999, 0, 0, 1)
    (entry,) = aside(world)
    assert (entry["key"], entry["rule"], entry["count"]) == ("CO-0500", "currency_is_iso", 1)
    assert "currency is 'eur'" in entry["reason"]
    assert "CO-0500" not in world.in_erp()


def test_a_mended_row_leaves_the_quarantine_by_itself(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    world.order(1)
    assert counts(world.run()) == (1, 1, 0, 0, 0)
    assert aside(world) == []


def test_a_row_that_stays_bad_is_kept_once_and_counted(world: World) -> None:
    for _ in range(3):
        world.order(1, currency="eur")
        world.run()
    (entry,) = aside(world)
    assert entry["count"] == 3
    assert entry["first_seen_at"] < entry["last_seen_at"]


def test_a_quarantined_row_is_not_tried_again_until_it_changes(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    assert counts(world.run()) == (0, 0, 0, 0, 0)


def test_a_row_waits_for_what_it_needs_and_goes_by_itself(world: World) -> None:
    world.order(1, account_no="A-2")
    world.order(2)
    assert counts(world.run()) == (2, 1, 0, 1, 0)
    assert counts(world.run()) == (1, 0, 0, 1, 0)
    (entry,) = aside(world, waiting=True)
    assert (entry["key"], entry["rule"], entry["count"]) == ("CO-0001", "customer_in_erp", 2)
    assert aside(world) == []
    world.erp.put("customers", {"account_no": "A-2"})
    assert counts(world.run()) == (1, 1, 0, 0, 0)
    assert aside(world, waiting=True) == []
    assert counts(world.run()) == (0, 0, 0, 0, 0)


def test_a_waiting_row_that_changed_is_counted_once(world: World) -> None:
    world.order(1, account_no="A-2")
    world.run()
    world.order(1, account_no="A-2", amount=20)
    assert counts(world.run()) == (1, 0, 0, 1, 0)


def test_a_waiting_row_that_is_gone_is_dropped_and_noted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.order(1, account_no="A-2")
    world.run()
    world.crm.remove("orders", "CO-0001")
    with caplog.at_level(logging.INFO, logger="triada.hub"):
        assert counts(world.run()) == (0, 0, 0, 0, 0)
    assert aside(world, waiting=True) == []
    assert "CO-0001" in caplog.text


def test_a_waiting_row_that_is_no_longer_meant_waits_no_more(world: World) -> None:
    world.order(1, account_no="A-2")
    world.run()
    world.order(1, account_no="A-1", status="cancelled")
    assert counts(world.run()) == (1, 0, 1, 0, 0)
    assert aside(world, waiting=True) == []
    assert world.in_erp() == []


def test_a_row_without_a_key_is_quarantined_as_itself(world: World) -> None:
    for amount in (1, 2):
        row = {"order_no": "", "account_no": "A-1", "amount": amount, "currency": "EUR"}
        world.crm.clock += 1
        world.crm.streams.setdefault("orders", {})[f"blank {amount}"] = {
            **row,
            "status": "confirmed",
            "_stamp": world.crm.clock,
        }
    assert counts(world.run()) == (2, 0, 0, 0, 2)
    assert [entry["rule"] for entry in aside(world)] == ["row_has_key"] * 2


def test_a_make_that_fails_on_one_row_sets_that_row_aside(world: World) -> None:
    world.order(1, amount=None)
    world.order(2)
    assert counts(world.run()) == (2, 1, 0, 0, 1)
    (entry,) = aside(world)
    assert (entry["key"], entry["rule"]) == ("CO-0001", "make_failed")
    assert "TypeError" in entry["reason"]


def test_a_record_made_without_its_key_is_the_rows_fault(world: World) -> None:
    world.with_make(lambda order, _look: {"amount": order["amount"]})
    world.order(1)
    assert counts(world.run()) == (1, 0, 0, 0, 1)
    assert "without crm_order_no" in aside(world)[0]["reason"]


def test_a_row_that_makes_several_records_is_counted_once(world: World) -> None:
    def three(order: dict[str, Any], _look: object) -> list[dict[str, Any]]:
        return [{"crm_order_no": f"{order['order_no']}:{part}", "amount": 1} for part in (1, 2, 3)]

    world.with_make(three)
    world.order(1)
    assert counts(world.run()) == (1, 1, 0, 0, 0)
    assert len(world.in_erp()) == 3


def test_what_the_target_refuses_is_quarantined_and_the_rest_arrives(world: World) -> None:
    world.erp.refuse = lambda row: (
        RecordRejected("no such price", rule="price") if row["crm_order_no"] == "CO-0001" else None
    )
    world.order(1)
    world.order(2)
    assert counts(world.run()) == (2, 1, 0, 0, 1)
    assert world.in_erp() == ["CO-0002"]
    assert [entry["rule"] for entry in aside(world)] == ["price"]


def test_a_row_that_waits_for_one_thing_and_is_wrong_in_another_is_quarantined(world: World) -> None:
    def two(order: dict[str, Any], _look: object) -> list[dict[str, Any]]:
        return [{"crm_order_no": f"{order['order_no']}:{part}"} for part in (1, 2)]

    world.with_make(two)
    world.erp.refuse = lambda row: (
        MissingDependency("not yet", rule="item")
        if row["crm_order_no"].endswith(":1")
        else RecordRejected("never", rule="price")
    )
    world.order(1)
    assert counts(world.run()) == (1, 0, 0, 0, 1)
    assert (aside(world)[0]["rule"], aside(world)[0]["reason"]) == ("item, price", "not yet · never")


def test_an_unknown_refusal_of_the_target_is_quarantined_too(world: World) -> None:
    world.erp.refuse = lambda _row: ValueError("odd")
    world.order(1)
    assert counts(world.run()) == (1, 0, 0, 0, 1)
    assert aside(world)[0]["rule"] == "write_failed"


def test_a_source_that_loses_a_row_fails_the_run_and_the_cursor_stays(world: World) -> None:
    for number in range(3):
        world.order(number)
    world.crm.drop = {"CO-0001"}
    with pytest.raises(CountMismatch, match="3 rows at the start, 3 to 3 at the end, but 2 came"):
        world.run()
    world.crm.drop = set()
    assert counts(world.run()) == (3, 1, 2, 0, 0)
    assert world.in_erp() == ["CO-0000", "CO-0001", "CO-0002"]


def test_a_source_that_repeats_a_row_fails_the_run(world: World) -> None:
    world.order(1)
    world.order(2)
    world.crm.repeat = {"CO-0001"}
    with pytest.raises(CountMismatch, match="2 rows at the start, 2 to 2 at the end, but 3 came"):
        world.run()


def test_rows_changed_while_the_run_reads_are_read_next_time(world: World) -> None:
    for number in range(150):
        world.order(number)
    world.erp.before["write"] = lambda: world.order(149, amount=99)
    assert world.run().read in (149, 150)
    assert counts(world.run()) == (1, 1, 0, 0, 0)
    assert world.erp.streams["sales_orders"]["CO-0149"]["amount"] == 99


def test_killed_between_write_and_cursor_leaves_one_record(world: World) -> None:
    world.order(1)
    world.crm.before["bounds"] = fail(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        world.run()
    assert world.in_erp() == ["CO-0001"]
    assert counts(world.run()) == (1, 0, 1, 0, 0)
    assert len(world.erp.written) == 1


def test_a_failed_run_is_recorded_with_its_error(world: World) -> None:
    world.order(1)
    world.crm.before["bounds"] = fail(RuntimeError("lights out\nsecond line"))
    with pytest.raises(RuntimeError):
        world.run()
    with world.desk() as desk, desk.state.reading() as connection:
        rows = connection.exec_driver_sql("select state, error, written from runs").all()
    assert rows == [("failed", "RuntimeError: lights out", 1)]


def test_a_rule_that_cannot_be_checked_stops_the_flow_before_it_writes(world: World) -> None:
    (world.rules / "orders.yml").write_text("book: [{rule: typo, column: curency, expect: not_null}]")
    world.order(1)
    with pytest.raises(Refused, match=r"could not be checked: orders\.book\.typo: the rows have no column"):
        world.run()
    assert world.in_erp() == []
    (world.rules / "orders.yml").write_text("book: [{rule: right, column: currency, expect: not_null}]")
    assert counts(world.run()) == (1, 1, 0, 0, 0)


def test_a_rules_file_that_is_wrong_never_starts(world: World) -> None:
    (world.rules / "orders.yml").write_text("book: [{rule: a, column: b, expect: nothing}]")
    with pytest.raises(Misconfigured, match="expected one of"):
        world.run()


def test_a_warning_lets_the_row_pass_and_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    (world.rules / "orders.yml").write_text(
        "book: [{rule: small, column: amount, expect: at_most, value: 5, severity: warning}]"
    )
    world.order(1)
    assert counts(world.run()) == (1, 1, 0, 0, 0)
    assert "small: crm.orders CO-0001: amount is 10, expected at most 5" in caplog.text


@pytest.mark.parametrize("call", ["open_window", "drift", "bounds"])
def test_a_source_that_answers_late_is_asked_again(world: World, call: str) -> None:
    for number in range(150):
        world.order(number)
    world.crm.before[call] = fail(Unreachable("crm is away"))
    assert counts(world.run()) == (150, 150, 0, 0, 0)


def test_a_page_lost_in_the_middle_stops_the_run_and_the_next_moves_no_row_twice(world: World) -> None:
    for number in range(250):
        world.order(number)
    world.erp.before["write"] = lambda: world.crm.before.update(page=fail(Unreachable("crm is away")))
    with pytest.raises(Unreachable):
        world.run()
    assert world.crm.released == 1
    report = world.run()
    assert (report.read, report.written + report.unchanged) == (250, 250)
    assert len(world.erp.written) == 250


@pytest.mark.parametrize("call", ["lookup", "write"])
def test_a_target_that_answers_late_is_asked_again(world: World, call: str) -> None:
    world.order(1)
    world.erp.before[call] = fail(Unreachable("erp is away"))
    assert counts(world.run()) == (1, 1, 0, 0, 0)


def test_a_system_that_stays_away_fails_the_run(world: World) -> None:
    def away() -> None:
        world.crm.before["open_window"] = away
        raise Unreachable("crm is away")

    world.crm.before["open_window"] = away
    with pytest.raises(Unreachable):
        world.run()
    assert world.crm.asked[-3:] == ["open_window"] * 3


def test_looking_up_takes_one_question_a_page(world: World) -> None:
    for number in range(300):
        world.order(number)
    world.run()
    assert world.erp.asked.count("lookup") == 3
    assert world.erp.asked.count("write") == 3


def test_a_table_without_a_match_is_brought_once_a_run(world: World) -> None:
    whole = {"customers": Using("erp.customers", "account_no")}
    world.flow = replace(world.flow, steps=(replace(world.flow.steps[0], using=whole),))
    for number in range(300):
        world.order(number)
    assert world.run().written == 300
    assert world.erp.asked.count("lookup") == 1


def test_links_say_what_was_written_for_what(world: World) -> None:
    world.order(1)
    world.run()
    with world.desk() as desk, desk.state.reading() as connection:
        rows = connection.exec_driver_sql(
            "select flow, step, source_stream, source_key, target_stream, target_key from links"
        ).all()
    assert rows == [("orders", "book", "crm.orders", "CO-0001", "erp.sales_orders", "CO-0001")]


def test_a_link_lost_with_a_killed_run_is_made_by_the_next(world: World) -> None:
    world.order(1)
    world.run()
    with world.desk() as desk, desk.state.writing() as connection:
        connection.exec_driver_sql("delete from links")
        connection.exec_driver_sql("delete from cursors")
    assert counts(world.run()) == (1, 0, 1, 0, 0)
    with world.desk() as desk, desk.state.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from links").scalar() == 1


def test_a_flow_runs_its_steps_in_order_and_closes_its_systems(world: World) -> None:
    world.order(1)
    with world.desk() as desk:
        assert [report.step for report in run_flow(desk, world.flow)] == ["book"]
    assert world.crm.closed and world.erp.closed


def test_a_step_that_is_not_there_is_named(world: World) -> None:
    with world.desk() as desk, pytest.raises(Misconfigured, match="no step 'ship'; it has book"):
        run_step(desk, world.flow, step="ship")
