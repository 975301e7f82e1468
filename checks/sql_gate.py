"""Gates: each is SQL that selects the rows breaking a rule; Great Expectations expects none of them.

A gate -> how many rows it selected -> one frame of these numbers -> one expectation that all are 0 -> passed,
failed, or could not be checked. Counting is the caller's, who knows the database; this knows no table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from checks.gx import Expectation, build, validate

Outcome = Literal["passed", "failed", "could_not_check"]
Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class Probe:
    """An aggregate over the whole table ``of``, taken in one scan with the table's other probes.

    It is 0, or equal to the total that its source gave (``against``: stream and column), only when the
    gate's SQL selects nothing; whatever else it is, the SQL decides.
    """

    of: str
    counts: str
    against: str = ""


@dataclass(frozen=True)
class SqlGate:
    """A rule about a table; ``error`` holds the publication when it does not pass, ``warn`` marks it.

    ``says`` states the rule (``says_es`` in Spanish), ``key`` names the columns that name a failing row.
    """

    name: str
    layer: str
    on: str
    severity: Severity
    says: str
    sql: str
    says_es: str = ""
    probe: Probe | None = None
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sound:
    """That a gate selects no rows is known without its SQL: by a probe, or from ``run_id`` on its inputs."""

    seconds: float = 0.0
    run_id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of a gate: its outcome, how many rows break it, and why it could not be checked.

    ``run_id`` is the earlier run that a verdict comes from whose inputs have not changed since; none: now.
    ``seconds`` is what it took, a shared scan divided among its gates.
    """

    gate: SqlGate
    outcome: Outcome
    violations: int = 0
    message: str = ""
    seconds: float = 0.0
    run_id: int | None = None

    @property
    def holds(self) -> bool:
        """Whether the publication must wait: what could not be checked is not known to be right."""
        return self.gate.severity == "error" and self.outcome != "passed"


def run_gates(
    gates: Sequence[SqlGate], count: Callable[[SqlGate], int], *, sound: Mapping[str, Sound] | None = None
) -> list[Verdict]:
    """A verdict for each gate, in order; ``count`` runs a gate's SQL and raises when it cannot.

    ``sound`` has, by name, the gates that need no SQL to be known to select nothing.
    """
    known = sound or {}
    counted: dict[str, int] = {}
    errors: dict[str, str] = {}
    seconds = {name: one.seconds for name, one in known.items()}
    for gate in gates:
        started = time.perf_counter()
        try:
            counted[gate.name] = 0 if gate.name in known else count(gate)
        except Exception as error:  # whatever a database raises, the rule was not checked
            errors[gate.name] = f"{type(error).__name__}: {error}"
        seconds[gate.name] = seconds.get(gate.name, 0.0) + time.perf_counter() - started
    errors |= _expect_none(counted)
    return [
        _verdict(gate, counted, errors, seconds=seconds[gate.name], known=known.get(gate.name))
        for gate in gates
    ]


def _expect_none(counted: dict[str, int]) -> dict[str, str]:
    """What Great Expectations says of the counts: an error for each gate it could not judge or misjudged."""
    if not counted:
        return {}
    # One expectation over a row a gate: an expectation a gate takes 12 ms each, this takes 13 ms in all.
    none = Expectation("ExpectColumnValuesToBeInSet", {"column": "violations", "value_set": [0]})
    try:
        (answer,) = validate(build("gates", [none]), {"violations": list(counted.values())})
    except Exception as error:  # a judge that broke has judged nothing
        return dict.fromkeys(counted, f"Great Expectations: {type(error).__name__}: {error}")
    if answer.error:
        return dict.fromkeys(counted, answer.error)
    return {
        name: f"Great Expectations and the count of {rows} rows disagree"
        for number, (name, rows) in enumerate(counted.items())
        if (number in answer.failing) != (rows != 0)
    }


def _verdict(
    gate: SqlGate, counted: dict[str, int], errors: dict[str, str], *, seconds: float, known: Sound | None
) -> Verdict:
    if gate.name in errors:
        return Verdict(gate, "could_not_check", message=errors[gate.name], seconds=seconds)
    if rows := counted[gate.name]:
        return Verdict(gate, "failed", rows, f"{rows} row{'' if rows == 1 else 's'}", seconds)
    return Verdict(gate, "passed", seconds=seconds, run_id=known.run_id if known else None)
