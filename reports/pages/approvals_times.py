"""How long decisions take: by kind and step, by month, and by approver beside what waits with each.

Requests and steps as the viewer may see them ─▶ medians and ninetieth percentiles (nearest rank) in working
hours, and each approver's load. Waiting money and leave are another module's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.filters import PERIODS
from reports.look import Look
from reports.pages.approvals_rows import PEOPLE, REQUESTS, REQUESTS_ASKED, STEPS, STEPS_ASKED, narrowed, since
from reports.publication import Row
from reports.reader import rounded

FEW = 3
"""With fewer steps waiting than this, nobody is overloaded."""
_FIGURES = """
    count(*) as decided, quantile_disc(working_h, 0.5) as median_working_h,
    quantile_disc(working_h, 0.9) as p90_working_h"""

OVERALL = f"""
    select {_FIGURES} from ({REQUESTS}) as found
    where is_decided and decided_at > $since and {REQUESTS_ASKED}"""
BY_KIND = f"""
    select kind, {_FIGURES} from ({REQUESTS}) as found
    where is_decided and decided_at > $since and {REQUESTS_ASKED}
    group by kind order by median_working_h desc nulls last, kind"""
BY_STEP = f"""
    select kind, step_name, min(sequence) as sequence, min(target_h) as target_h,
        count(*) filter (is_late) as late, {_FIGURES}
    from ({STEPS}) as found
    where is_decided and decided_at > $since and {STEPS_ASKED}
    group by kind, step_name order by kind, sequence, step_name"""
BY_MONTH = f"""
    select month_on, {_FIGURES} from ({REQUESTS}) as found
    where is_decided and decided_at >= $since and {REQUESTS_ASKED}
    group by month_on order by month_on"""
BY_APPROVER = f"""
    select loads.*, people.name as approver_name from (
    select approver_no, count(*) filter (is_decided and decided_at > $since) as decided,
        count(*) filter (is_decided and decided_at > $since and is_late) as late,
        quantile_disc(working_h, 0.5) filter (is_decided and decided_at > $since) as median_working_h,
        quantile_disc(working_h, 0.9) filter (is_decided and decided_at > $since) as p90_working_h,
        count(*) filter (is_pending) as pending,
        max(working_h) filter (is_pending) as oldest_pending_h
    from ({STEPS}) as found
    where {STEPS_ASKED}
    group by approver_no
    having count(*) filter (is_decided and decided_at > $since or is_pending) > 0) as loads
    left join ({PEOPLE}) as people on people.employee_no = loads.approver_no
    order by loads.approver_no"""


def overall(look: Look) -> Row:
    """Decided requests of the period, their median and ninetieth percentile."""
    return look.one(OVERALL, since=since(look), **narrowed(look))


def times(look: Look) -> Mapping[str, Any]:
    """Kinds with their steps, slowest kind first; ``top`` is the longest bar; months of the last year."""
    values = {"since": since(look), **narrowed(look)}
    kinds = look.rows(BY_KIND, **values)
    steps = look.rows(BY_STEP, **values)
    months = look.rows(BY_MONTH, since=_year_ago(look), **narrowed(look))
    rows = [*kinds, *steps]
    return {
        "kinds": [(kind, [step for step in steps if step["kind"] == kind["kind"]]) for kind in kinds],
        "top": largest(rows),
        "slow": slowest(steps),
        "months": year(look.today, months),
        "months_top": largest(months),
    }


def _year_ago(look: Look) -> dt.datetime:
    return dt.datetime.combine(_months_on(look.today, -11), dt.time(), look.reader.zone)


def _months_on(month_on: dt.date, months: int) -> dt.date:
    number = month_on.year * 12 + month_on.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def year(today: dt.date, found: Sequence[Row]) -> list[tuple[dt.date, Row | None]]:
    """The last twelve months, this one last, each with its figures or ``None`` when nothing was decided."""
    known = {row["month_on"]: row for row in found}
    months = [_months_on(today.replace(day=1), n) for n in range(-11, 1)]
    return [(month_on, known.get(month_on)) for month_on in months]


def largest(rows: Sequence[Row]) -> Decimal:
    """The longest ninetieth percentile, or target, that a drawing has to hold."""
    found = [row.get(name) for row in rows for name in ("p90_working_h", "target_h")]
    return max((value for value in found if value is not None), default=Decimal(0))


def slowest(steps: Sequence[Row]) -> Row | None:
    """The step whose late decisions are most: what to look at first; ``None`` when none was late."""
    late = [step for step in steps if step["late"]]
    return max(late, key=lambda step: (step["late"], step["p90_working_h"]), default=None)


def approvers(look: Look) -> Mapping[str, Any]:
    """Each approver's load, fullest first; ``top`` is the longest bar in weeks."""
    found = look.rows(BY_APPROVER, since=since(look), **narrowed(look))
    days = PERIODS[look.asked.get("period") or "90d"]
    rows = [{**row, **load(row["pending"], row["decided"], days)} for row in found]
    rows.sort(key=lambda row: (not row["is_overloaded"], -(row["weeks"] or 0), -row["decided"]))
    return {
        "rows": rows,
        "overloaded": [row for row in rows if row["is_overloaded"]],
        "top": max((row["weeks"] for row in rows if row["weeks"]), default=Decimal(0)),
        "top_h": largest(rows),
    }


def load(pending: int, decided: int, period_days: int) -> Mapping[str, Any]:
    """What waits, held beside the own usual: ``weeks`` of work at what was decided ``per_week`` before.

    Overloaded is who has ``FEW`` steps or more waiting, and more than they decide in a week, tenths rounded:
    one step that waits for somebody who seldom decides is no load. ``weeks`` is ``None`` for who decided
    nothing in the period.
    """
    per_week = Decimal(decided) * 7 / period_days
    weeks = rounded(Decimal(pending) / per_week, 1) if decided else None
    return {
        "per_week": rounded(per_week, 1),
        "weeks": weeks if weeks is not None or pending else Decimal(0),
        "is_overloaded": pending >= FEW and (weeks is None or weeks > 1),
    }
