"""An event log comes in through the hub with the example mapping: every event is a step."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import Misconfigured, Refused
from tests.imports.shop import Company

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "bpi2020.yml"
SUBMITTED = ("Declaration SUBMITTED by EMPLOYEE", "EMPLOYEE")
REJECTED = ("Declaration REJECTED by SUPERVISOR", "SUPERVISOR")
APPROVED = ("Declaration FINAL_APPROVED by SUPERVISOR", "SUPERVISOR")
PAID = ("Payment Handled", "UNDEFINED")


def event(activity: str, role: str, *, hour: int, amount: str) -> str:
    resource = "SYSTEM" if role == "UNDEFINED" else "STAFF MEMBER"
    return (
        f'<event><date key="time:timestamp" value="2018-03-01T{hour:02}:00:00+01:00"/>'
        f'<string key="concept:name" value="{activity}"/><string key="org:role" value="{role}"/>'
        f'<string key="org:resource" value="{resource}"/>'
        f'<string key="(case)_Amount" value="{amount}"/></event>'
    )


def trace(name: str, *events: tuple[str, str], amount: str = "26.85125") -> str:
    steps = "".join(event(*each, hour=9 + n, amount=amount) for n, each in enumerate(events))
    return f'<trace><string key="concept:name" value="{name}"/>{steps}</trace>'


def log(*traces: str) -> str:
    return f'<log xes.version="1.0" xmlns="http://www.xes-standard.org/">{"".join(traces)}</log>'


WHOLE = log(
    trace("declaration1", SUBMITTED, APPROVED, PAID),
    trace("declaration2", SUBMITTED, REJECTED, SUBMITTED, APPROVED, PAID),
    trace("declaration3", SUBMITTED, REJECTED),
    trace("declaration4", SUBMITTED),
)


@pytest.fixture
def university(company: Company) -> Company:
    """The company with a folder of logs as its source."""
    company.mapping = EXAMPLE
    for path in Path(company.source).iterdir():
        path.unlink()
    (Path(company.source) / "some.xes").write_text(WHOLE)
    return company


def test_every_event_is_a_step_and_resubmissions_are_kept(university: Company) -> None:
    result = university.run()
    assert university.counts(result, "oa.approval_requests") == (4, 4, 0, 0, 0)
    steps = [s["decision"] for s in university.rows("oa.approval_steps") if "declaration2" in s["request_no"]]
    assert steps == ["submitted", "refused", "submitted", "approved", "handled"]


def test_a_request_stands_where_its_last_decision_left_it(university: Company) -> None:
    university.run()
    requests = university.rows("oa.approval_requests")
    assert [row["status"] for row in requests] == ["approved", "approved", "refused", "pending"]
    assert requests[1]["decided_at"] == dt.datetime(2018, 3, 1, 11, tzinfo=dt.UTC)
    assert requests[3]["decided_at"] is None


def test_a_step_waits_since_the_event_before_it(university: Company) -> None:
    university.run()
    first, second = university.rows("oa.approval_steps")[:2]
    assert first["asked_at"] == first["decided_at"] == dt.datetime(2018, 3, 1, 8, tzinfo=dt.UTC)
    assert (second["asked_at"], second["decided_at"]) == (
        first["decided_at"],
        dt.datetime(2018, 3, 1, 9, tzinfo=dt.UTC),
    )
    assert second["approver_no"] != second["requester_no"]


def test_amounts_are_rounded_half_even_to_four_digits(university: Company) -> None:
    university.run()
    assert {row["amount"] for row in university.rows("oa.approval_requests")} == {Decimal("26.8512")}


def test_another_log_of_the_kind_comes_in_beside_the_first_one(university: Company) -> None:
    more = Path(university.source) / "another_year.xes.gz"
    more.write_bytes(gzip.compress(log(trace("declaration5", SUBMITTED, APPROVED)).encode()))
    assert university.counts(university.run(), "oa.approval_requests") == (5, 5, 0, 0, 0)


def test_the_same_log_twice_in_the_folder_merges(university: Company) -> None:
    (Path(university.source) / "copy.xes").write_text(WHOLE)
    result = university.run()
    assert result.ok
    assert university.counts(result, "oa.approval_requests") == (8, 4, 4, 0, 0)


def test_a_trace_repeated_with_one_event_more_is_quarantined_with_its_twin(university: Company) -> None:
    twin = trace("declaration4", SUBMITTED, SUBMITTED)
    (Path(university.source) / "twin.xes").write_text(log(twin))
    result = university.run()
    assert not result.ok
    assert university.counts(result, "oa.approval_requests") == (5, 3, 0, 0, 2)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (WHOLE[: len(WHOLE) // 2], "Is the file cut short"),
        (WHOLE.replace("org:role", "org:rolle"), "the source has no column 'org:role'; close to 'org:rolle'"),
        (WHOLE.replace('value="26.85125"', 'value="many"'), None),
    ],
    ids=["cut short", "attribute missing", "amount is no number"],
)
def test_a_broken_log_stops_before_anything_is_written_but_a_broken_value_does_not(
    university: Company, broken: str, says: str | None
) -> None:
    (Path(university.source) / "some.xes").write_text(broken)
    if says is None:
        assert university.counts(university.run(), "oa.approval_requests") == (4, 0, 0, 0, 4)
        return
    with pytest.raises((Misconfigured, Refused)) as caught:
        university.run()
    assert says in str(caught.value)
    assert university.nothing_was_written()


def test_a_packed_log_that_is_cut_short_stops(university: Company) -> None:
    whole = Path(university.source) / "some.xes"
    (Path(university.source) / "some.xes.gz").write_bytes(gzip.compress(WHOLE.encode())[:-20])
    whole.unlink()
    with pytest.raises(Refused, match=r"some\.xes\.gz"):
        university.run()
    assert university.nothing_was_written()
