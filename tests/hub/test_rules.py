"""The rules beside the flows: every file is understood, and speaks about steps and columns that exist."""

from __future__ import annotations

import pytest

from checks.rule import Rule
from checks.suite import load_suites
from flows import FLOWS
from hub.desk import RULES
from hub.words import Flow, Step
from models import SYSTEMS, stream_table


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_section_belongs_to_a_step(flow: Flow) -> None:
    suites = load_suites(RULES / f"{flow.name}.yml")
    assert set(suites) <= {step.checks or step.name for step in flow.steps}
    named = {step.checks for step in flow.steps if step.checks}
    assert named <= set(suites)


@pytest.mark.parametrize(
    ("flow", "step"),
    [(flow, step) for flow in FLOWS for step in flow.steps if step.read.system in SYSTEMS],
    ids=lambda each: each.name,
)
def test_every_rule_names_columns_of_what_the_step_reads(flow: Flow, step: Step) -> None:
    suite = load_suites(RULES / f"{flow.name}.yml").get(step.checks or step.name)
    for rule in suite.rules if suite else ():
        missing = set(rule.named_columns()) - _columns(step, rule)
        assert not missing, f"{flow.name}.{step.name}, {rule.name}: {step.read.stream} has no {missing}"


def _columns(step: Step, rule: Rule) -> set[str]:
    if not rule.lines:
        return set(stream_table(step.read.stream).c.keys())
    assert step.read.lines, f"{step.name} reads no lines, but {rule.name} speaks about them"
    return set(stream_table(step.read.lines).c.keys())
