"""What a changed threshold would have done: a level asked only from another amount on, on the own history.

Decided requests of the period and the level's steps ─▶ hours not waited, money not reviewed, refusals that
would not have happened. It forecasts nothing, and no request is decided anew: what the levels that stay
would have said of a request is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from reports.filters import Filter, shown
from reports.look import Look
from reports.pages.approvals_rows import REQUESTS, REQUESTS_ASKED, narrowed, since
from reports.publication import Row
from reports.told import BadAddress

KINDS = ("trip", "expense", "discount", "credit", "purchase", "plan")
"""Kinds of request as the OA has them; each has its own parameters in the address."""
FILTERS = tuple(
    one for kind in KINDS for one in (Filter(f"below_{kind}", "whole"), Filter(f"level_{kind}", "text"))
)

_DECIDED = f"""
    select request_no, kind, status, amount, working_h from ({REQUESTS}) as found
    where is_decided and decided_at > $since and {REQUESTS_ASKED}"""

LEVELS = f"""
    with decided as ({_DECIDED}),
    whole as (select kind, count(*) as decided, max(amount) as most from decided group by kind),
    asked as (
        select decided.kind, steps.step_name, min(steps.sequence) as sequence, count(*) as asked,
            min(decided.amount) as least_amount, quantile_disc(decided.amount, 0.5) as half_amount
        from decided
        join core.fct_approval_step as steps on steps.request_no = decided.request_no
        where decided.amount is not null
        group by decided.kind, steps.step_name)
    select asked.*, whole.decided, whole.most
    from asked join whole on whole.kind = asked.kind
    order by asked.kind, asked.sequence, asked.asked desc, asked.step_name"""

_RULES = ",\n        ".join(
    f"('{kind}', cast($level_{kind} as varchar), cast($below_{kind} as bigint))" for kind in KINDS
)
OUTCOME = f"""
    with decided as ({_DECIDED}),
    rules as (
        select * from (values
        {_RULES}) as said(kind, step_name, below) where step_name is not null),
    levels as (
        select steps.request_no, sum(steps.working_h) as level_h,
            bool_or(steps.decision = 'refused') as refused
        from core.fct_approval_step as steps
        join rules on rules.kind = steps.kind and rules.step_name = steps.step_name
        group by steps.request_no),
    judged as (
        select decided.*, levels.level_h, levels.refused,
            coalesce(levels.level_h is not null and decided.amount < rules.below, false) as is_spared
        from decided
        join rules on rules.kind = decided.kind
        left join levels on levels.request_no = decided.request_no)
    select
        kind,
        count(*) filter (is_spared) as requests,
        quantile_disc(level_h, 0.5) filter (is_spared) as median_saved_h,
        coalesce(sum(level_h) filter (is_spared), 0) as saved_h,
        coalesce(sum(amount) filter (is_spared), 0) as unreviewed_amount,
        count(*) filter (is_spared and refused) as refusals,
        coalesce(sum(amount) filter (is_spared and refused), 0) as refused_amount,
        quantile_disc(working_h, 0.5) as median_now_h,
        quantile_disc(working_h - case when is_spared then level_h else 0 end, 0.5) as median_then_h
    from judged group by kind order by kind"""
"""One row per kind that has a rule: without the level ``$level_<kind>`` below ``$below_<kind>``."""


@dataclass(frozen=True)
class Slider:
    """A range to choose an amount from, whole company currency; it begins at ``below``."""

    below: int
    most: int
    step: int


def slider(level: Row, asked: int | None) -> Slider:
    """Up to the kind's largest amount, in about a hundred round steps.

    Nothing asked: a level above another begins where half of what it decided would be spared; the only
    level of a kind, or one that everybody passes, begins at nothing, which is as it is today.
    """
    step = round_step(level["most"] / 100)
    most = _up(level["most"], step) + step
    half = (int(level["half_amount"] / step) + 1) * step if level["sequence"] > 1 else 0
    below = half if asked is None else asked
    return Slider(below, max(most, below), step)


def round_step(least: Decimal) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not under ``least``."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= least:
                return digit * power
        power *= 10


def _up(amount: Decimal, step: int) -> int:
    return int((amount / step).to_integral_value(ROUND_CEILING)) * step


def what_if(look: Look) -> Mapping[str, Any] | None:
    """Each kind's level, slider and outcome, and all together; ``None`` when no decision had an amount."""
    values = {"since": since(look), **narrowed(look)}
    found = look.rows(LEVELS, **values)
    kinds = [kind for kind in KINDS if any(level["kind"] == kind for level in found)]
    if not kinds:
        return None
    rules = {kind: _rule(look, [level for level in found if level["kind"] == kind]) for kind in kinds}
    asked: dict[str, Any] = {f"{name}_{kind}": None for kind in KINDS for name in ("level", "below")}
    for kind, rule in rules.items():
        asked |= {f"level_{kind}": rule["level"]["step_name"], f"below_{kind}": rule["slider"].below}
    outcomes = {row["kind"]: row for row in look.rows(OUTCOME, **values, **asked)}
    rows = [{**rules[kind], **outcomes[kind]} for kind in kinds]
    # Kinds with a level to spare come first: there the question is real.
    rows.sort(key=lambda row: -len(row["levels"]))
    return {"rows": rows, "all": together(rows)}


def _rule(look: Look, levels: Sequence[Row]) -> dict[str, Any]:
    """A kind's level to leave out and the amount below which, as asked or as it begins."""
    kind = levels[0]["kind"]
    level = chosen(levels, look.asked.get(f"level_{kind}"))
    return {"level": level, "levels": levels, "slider": slider(level, look.asked.get(f"below_{kind}"))}


def chosen(levels: Sequence[Row], step_name: str | None) -> Row:
    """The level named, or the last one that is asked; ``BadAddress`` for one that decided nothing."""
    if step_name is None:
        return max(levels, key=lambda level: (level["sequence"], -level["asked"]))
    for level in levels:
        if level["step_name"] == step_name:
            return level
    names = ", ".join(str(level["step_name"]) for level in levels)
    raise BadAddress("approvals.no_level", value=shown(step_name), known=names)


def together(rows: Sequence[Row]) -> Mapping[str, Any]:
    """The sums over the kinds; medians are not added up."""
    names = ("requests", "saved_h", "unreviewed_amount", "refusals", "refused_amount")
    return {name: sum((row[name] for row in rows), Decimal(0)) for name in names}
