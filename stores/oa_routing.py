"""Who must decide a request, in which order: policies and people in, the chain of approvers out.

Pure functions over rows of ``oa.approval_policies`` and ``oa.employees``, so that the store's worker and the
seeded history follow the same rules. Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Person = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One decision to ask for."""

    step_name: str
    approver_no: str


def chain(
    policies: Iterable[Mapping[str, Any]],
    people: Mapping[str, Person],
    *,
    kind: str,
    amount: Decimal,
    requester_no: str,
) -> list[Asked]:
    """The decisions a request takes, first to last; empty when nobody may decide it.

    A level is asked from its ``min_amount`` on; the amount is compared as given, the OA knows no exchange
    rates. Whoever decided one level is not asked again on the next.
    """
    asked: list[Asked] = []
    governing = (p for p in policies if p["kind"] == kind and p["min_amount"] <= amount)
    for policy in sorted(governing, key=lambda p: p["level"]):
        approver_no = _approver(policy, people, requester_no)
        if approver_no and approver_no not in {step.approver_no for step in asked}:
            asked.append(Asked(policy["step_name"], approver_no))
    return asked


def _approver(policy: Mapping[str, Any], people: Mapping[str, Person], requester_no: str) -> str | None:
    rule = policy["approver_rule"]
    if rule == "employee":
        candidate = policy["approver_no"]
    elif rule == "department_head":
        candidate = _head(people, requester_no)
    else:
        candidate = _manager(people, requester_no)
    # Nobody decides their own request: it goes to the requester's manager, at the top to the substitute.
    if candidate == requester_no:
        candidate = _manager(people, requester_no)
    if candidate is None:
        candidate = people[requester_no]["substitute_no"]
    return candidate if candidate != requester_no else None


def _manager(people: Mapping[str, Person], employee_no: str) -> str | None:
    """The nearest manager who still works here."""
    seen = {employee_no}
    above = people[employee_no]["manager_no"]
    while above and above not in seen:
        if above in people and people[above]["left_on"] is None:
            return str(above)
        seen.add(above)
        above = people[above]["manager_no"] if above in people else None
    return None


def _head(people: Mapping[str, Person], employee_no: str) -> str:
    """The topmost of the chain of managers inside the employee's own department."""
    department = people[employee_no]["department_no"]
    top, above = employee_no, _manager(people, employee_no)
    while above and people[above]["department_no"] == department:
        top, above = above, _manager(people, above)
    return top
