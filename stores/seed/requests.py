"""What people asked to be allowed, and how long it took: routed by the OA's own rules, decided by the seed.

A request in, with its steps and decision out; slow approvers, substitutes while an approver is away, and
whatever is not decided on the last day stays pending.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field

from stores.oa_routing import chain
from stores.seed.attendance import Attendance
from stores.seed.load import Load
from stores.seed.people import SLOW, Person
from stores.seed.people_rows import policies
from stores.seed.plan import FIRST_NUMBER, Plan, exact

# Working minutes until a decision: half are made within this, some take much longer.
TYPICAL_MINUTES = {"discount": 150, "credit": 200, "trip": 330, "expense": 420, "purchase": 480}
SPREAD = 0.9
# Nobody lets a request lie longer than 40 working days.
LONGEST_MINUTES = 40 * 480
REFUSED_SHARE = {"discount": 0.12, "credit": 0.15, "trip": 0.10, "expense": 0.04, "purchase": 0.05}
REMARKS = ("too expensive this quarter", "not now", "ask again with an offer", "margin too thin")


@dataclass(slots=True)
class Step:
    """One decision; ``decided_at`` is ``None`` while it is pending."""

    name: str
    approver_no: str
    asked_at: dt.datetime
    acting_no: str | None = None
    decided_at: dt.datetime | None = None
    decision: str = "pending"
    comment: str | None = None


@dataclass(slots=True)
class Request:
    """A request; ``amount`` in ten-thousandths, days as day numbers; numbered when all are known."""

    kind: str
    requester_no: str
    subject: str
    amount: int
    currency: str
    asked_at: dt.datetime
    source: tuple[str, str] | None = None
    lead_no: str | None = None
    destination: str | None = None
    starts: int | None = None
    ends: int | None = None
    channel: str = "system"
    status: str = "pending"
    decided_at: dt.datetime | None = None
    steps: list[Step] = field(default_factory=list)
    request_no: str = ""


class Desk:
    """Where requests are decided: the policies, the people and when they are away."""

    def __init__(self, plan: Plan, people: dict[str, Person], attendance: Attendance) -> None:
        self.requests: list[Request] = []
        self._plan, self._people, self._attendance = plan, people, attendance
        self._rows = {number: asdict(person) for number, person in people.items()}
        self._policies = policies()
        self._random = plan.random("decisions")

    def decide(self, request: Request, *, may_refuse: bool = True) -> Request:
        """Route a request and let everyone asked decide, one after the other, as fast as they are."""
        self.requests.append(request)
        asked = chain(
            self._policies,
            self._rows,
            kind=request.kind,
            amount=exact(request.amount),
            requester_no=request.requester_no,
        )
        at = request.asked_at
        for number, each in enumerate(asked):
            step = Step(each.step_name, each.approver_no, at)
            request.steps.append(step)
            decided = self._decide(step, request)
            if decided is None:
                return request
            at = step.decided_at = decided
            if may_refuse and self._random.random() < REFUSED_SHARE[request.kind]:
                step.decision, step.comment = "refused", self._random.choice(REMARKS)
                request.status, request.decided_at = "refused", at
                return request
            step.decision = "approved"
            if number == len(asked) - 1:
                request.status, request.decided_at = "approved", at
        return request

    def day_of(self, instant: dt.datetime) -> int:
        """The day number of an instant."""
        return self._plan.days.of(instant)

    def moved(self, request: Request) -> bool:
        """Whether the decision has reached the other systems."""
        return request.decided_at is not None and self._plan.days.of(request.decided_at) < self._plan.days.cut

    def _decide(self, step: Step, request: Request) -> dt.datetime | None:
        """The instant of a decision, with who acted; ``None`` when it is not decided yet."""
        days, person = self._plan.days, self._people[step.approver_no]
        minutes = TYPICAL_MINUTES[request.kind] * SLOW.get(step.approver_no, 1.0)
        minutes *= self._random.lognormvariate(0, SPREAD)
        at = days.later(person.country, step.asked_at, min(max(int(minutes), 3), LONGEST_MINUTES))
        while self._attendance.is_away(step.approver_no, days.of(at)):
            substitute = self._people[person.substitute_no]
            if substitute.employee_no != request.requester_no and not self._attendance.is_away(
                substitute.employee_no, days.of(at)
            ):
                step.acting_no = substitute.employee_no
                break
            at = days.later(person.country, at, 480)
            if days.of(at) >= days.end:
                return None
        if at < days.ends_at:
            return at
        step.acting_no = None
        return None


def number_requests(requests: list[Request]) -> None:
    """Give every request its number, in the order they were filed."""
    counted: dict[int, int] = {}
    requests.sort(key=lambda request: (request.asked_at, request.kind, request.requester_no, request.subject))
    for request in requests:
        year = request.asked_at.year
        counted[year] = counted.get(year, FIRST_NUMBER - 1) + 1
        request.request_no = request.request_no or f"AR-{year}-{counted[year]:05d}"


def put_requests(load: Load, plan: Plan, *, requests: list[Request]) -> None:
    """Requests and their steps."""
    dates = plan.days.dates
    for request in requests:
        acts = [request.asked_at, *(step.decided_at or step.asked_at for step in request.steps)]
        changed = request.decided_at or max(acts)
        load.add(
            "oa.approval_requests",
            request_no=request.request_no,
            kind=request.kind,
            requester_no=request.requester_no,
            subject=request.subject,
            amount=exact(request.amount),
            currency=request.currency,
            status=request.status,
            source_stream=request.source[0] if request.source else None,
            source_key=request.source[1] if request.source else None,
            lead_no=request.lead_no,
            destination=request.destination,
            starts_on=None if request.starts is None else dates[request.starts],
            ends_on=None if request.ends is None else dates[request.ends],
            requested_at=request.asked_at,
            decided_at=request.decided_at,
            channel=request.channel,
            updated_at=changed,
        )
        _put_steps(load, request)


def _put_steps(load: Load, request: Request) -> None:
    for sequence, step in enumerate(request.steps, start=1):
        load.add(
            "oa.approval_steps",
            step_no=f"{request.request_no}:{sequence}",
            request_no=request.request_no,
            sequence=sequence,
            step_name=step.name,
            requester_no=request.requester_no,
            approver_no=step.approver_no,
            acting_no=step.acting_no,
            asked_at=step.asked_at,
            decided_at=step.decided_at,
            decision=step.decision,
            comment_text=step.comment,
            updated_at=step.decided_at or step.asked_at,
        )
