"""Signing in at the company's own provider, as a browser goes through it: there, and back.

The cookie that binds a try to this browser goes along; what comes back is proven by ``reports.access.oidc``,
and its claim must be the sign-in name of somebody who may come in. It makes no session itself.
"""

from __future__ import annotations

from typing import Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reports.access import audit, users
from reports.access.oidc import LASTS, NotProven
from reports.access.users import User, viewer_of
from reports.web.cookies import OIDC, cookie, drop_cookie, set_cookie
from reports.web.door import Door, door_of
from reports.web.sign_in_page import page

SHOWN = {
    "browser": ("sign_in.not_proven", 400),
    "provider": ("sign_in.provider", 502),
    "state": ("sign_in.not_proven", 400),
    "token": ("sign_in.token", 403),
    "claim": ("sign_in.token", 403),
    "unverified": ("sign_in.unverified", 403),
}
"""What the page says to each reason, and its status."""


class LetIn(Protocol):
    """Makes the session of a user and goes on to a path."""

    def __call__(self, request: Request, user: User, next_path: str, *, how: str) -> Response: ...


def begin(request: Request, *, address: str, next_path: str) -> Response:
    """Send the browser to the provider."""
    door = door_of(request)
    if door.oidc is None:
        return page(request, next_path=next_path, error="sign_in.no_provider", status=404)
    try:
        begun = door.oidc.begin(back_to=_back_to(request), next_path=next_path, now=door.clock())
    except NotProven as error:
        _note(door, error, address=address)
        return page(request, next_path=next_path, error="sign_in.provider", status=502)
    answer = RedirectResponse(begun.address, 303)
    set_cookie(request, answer, OIDC, begun.cookie, lasts_s=int(LASTS.total_seconds()))
    return answer


def finish(request: Request, *, address: str, let_in: LetIn) -> Response:
    """Take what the provider sent the browser back with."""
    door = door_of(request)
    if door.oidc is None:
        return page(request, next_path="/", error="sign_in.no_provider", status=404)
    try:
        claim, next_path = door.oidc.finish(
            cookie(request, OIDC), dict(request.query_params), back_to=_back_to(request), now=door.clock()
        )
    except NotProven as error:
        _note(door, error, address=address)
        shown, status = SHOWN[error.reason]
        return _without(request, page(request, next_path="/", error=shown, status=status))
    user = users.find(door.state, claim)
    if user is None or viewer_of(user, door.people) is None:
        audit.note(
            door.state, "sign_in_failed", user_no=user.user_no if user else None, name=users.normal(claim),
            what="oidc", address=address, outcome="no user here" if user is None else "disabled or gone",
        )  # fmt: skip
        return _without(request, page(request, next_path="/", error="sign_in.unknown", status=403))
    return _without(request, let_in(request, user, next_path, how="oidc"))


def _note(door: Door, error: NotProven, *, address: str) -> None:
    """Keep in the audit log why it failed, unless anybody who passes by could have it written there."""
    now = door.clock()
    if error.reason != "browser" and door.lockout.is_news(address, now=now):
        audit.note(door.state, "sign_in_failed", what="oidc", address=address, outcome=str(error), at=now)


def _back_to(request: Request) -> str:
    return str(request.url_for("back"))


def _without(request: Request, answer: Response) -> Response:
    """The answer, with the try's cookie gone: it is used up."""
    drop_cookie(request, answer, OIDC)
    return answer
