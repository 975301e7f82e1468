"""A gate passes, fails or could not be checked, as Great Expectations sees the count of its rows."""

from __future__ import annotations

import pytest

from checks.sql_gate import SqlGate, run_gates


def gate(name: str, severity: str = "error") -> SqlGate:
    return SqlGate(name, "shape", "t", "warn" if severity == "warn" else "error", "a rule", "select 1")


def test_each_gate_gets_its_own_outcome_in_order() -> None:
    rows = {"none": 0, "some": 3, "also_none": 0}
    verdicts = run_gates([gate(name) for name in rows], lambda one: rows[one.name])
    assert [(v.gate.name, v.outcome, v.violations) for v in verdicts] == [
        ("none", "passed", 0),
        ("some", "failed", 3),
        ("also_none", "passed", 0),
    ]


def test_a_query_that_fails_was_not_checked_and_the_others_were() -> None:
    def count(one: SqlGate) -> int:
        if one.name == "broken":
            raise RuntimeError("no such table")
        return 0

    broken, fine = run_gates([gate("broken"), gate("fine")], count)
    assert (broken.outcome, broken.message) == ("could_not_check", "RuntimeError: no such table")
    assert fine.outcome == "passed"


@pytest.mark.parametrize(
    ("severity", "rows", "holds"), [("error", 1, True), ("warn", 1, False), ("error", 0, False)]
)
def test_only_an_error_holds(severity: str, rows: int, holds: bool) -> None:
    (verdict,) = run_gates([gate("one", severity)], lambda _: rows)
    assert verdict.holds is holds


def test_no_gates_are_no_verdicts() -> None:
    assert run_gates([], lambda _: 0) == []


def test_great_expectations_is_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it to say nothing, no gate would pass."""
    from checks import gx, sql_gate

    monkeypatch.setattr(sql_gate, "validate", lambda *_: [gx.Verdict(error="no result")])
    (verdict,) = run_gates([gate("one")], lambda _: 0)
    assert (verdict.outcome, verdict.message) == ("could_not_check", "no result")


@pytest.mark.parametrize(("rows", "said"), [(1, "1 row"), (2, "2 rows")])
def test_how_many_rows_break_a_gate_is_said_as_one_says_it(rows: int, said: str) -> None:
    (verdict,) = run_gates([gate("one")], lambda _: rows)
    assert verdict.message == said
