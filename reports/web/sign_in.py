"""Signing in and out: the form, what it sends, and the way back.

Name and password, or what ``sign_in_oidc`` proved ─▶ counted against guessing ─▶ a new session, and on to the
page that was asked for. A wrong name and a wrong password get the same answer after the same work. What is
behind the door it does not know.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connectors.errors import Refused
from reports.access import audit, users
from reports.access.users import User, viewer_of
from reports.texts import LANGUAGES
from reports.web import sign_in_oidc
from reports.web.cookies import BEFORE, LANGUAGE, SESSION, cookie, drop_cookie, set_cookie
from reports.web.door import Door, door_of, local, viewer_or_none
from reports.web.sign_in_page import page

YEAR_S = 365 * 86400


def router() -> APIRouter:
    """The paths of signing in; the application has its ``Door`` as ``app.state.door``."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/sign-in", form, methods=["GET"], response_model=None)
    routes.add_api_route("/sign-in", sign_in, methods=["POST"], response_model=None)
    routes.add_api_route("/sign-out", sign_out, methods=["POST"], response_model=None)
    routes.add_api_route("/sign-in/oidc", begin, methods=["GET"], response_model=None)
    routes.add_api_route("/sign-in/oidc/callback", finish, methods=["GET"], response_model=None, name="back")
    return routes


def form(request: Request) -> Response:
    """The form; who is signed in already goes on."""
    next_path = local(request.query_params.get("next", "/"))
    if viewer_or_none(request):
        return RedirectResponse(next_path, 303)
    answer = page(request, next_path=next_path)
    chosen = request.query_params.get("language")
    if chosen in LANGUAGES:
        set_cookie(request, answer, LANGUAGE, chosen, lasts_s=YEAR_S)
    return answer


def sign_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next_path: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """A name and a password: on with a session, 401 when one is wrong, 429 when it has to wait."""
    door, now, address = door_of(request), door_of(request).clock(), _address(request)
    next_path = local(next_path)
    asked = users.normal(name[:200])
    attempt = door.lockout.attempt(asked, address, now=now)
    user = users.find(door.state, asked)
    number = user.user_no if user else None
    if attempt.wait_s:  # which the log has since the failure before: nobody can fill it up
        return page(request, next_path=next_path, name=name, wait_s=attempt.wait_s)
    right = door.passwords.matches(password, user.password_hash if user else None)
    try:
        may_come_in = user is not None and right and viewer_of(user, door.people) is not None
    except Refused:  # told to nobody but who has the right password
        door.lockout.succeeded(attempt)
        return page(request, next_path=next_path, name=name, error="sign_in.unpublished", status=503)
    if user is None or not may_come_in:
        why = "wrong name or password" if not right else "disabled, gone, or unknown to the OA"
        audit.note(
            door.state, "sign_in_failed", user_no=number, name=asked, address=address, outcome=why, at=now
        )
        if attempt.next_s:
            wait = f"no try for {attempt.next_s} s"
            audit.note(
                door.state, "locked", user_no=number, name=asked, address=address, outcome=wait, at=now
            )
        return page(request, next_path=next_path, name=name, error="sign_in.wrong", status=401)
    door.lockout.succeeded(attempt)
    if user.password_hash and door.passwords.is_old(user.password_hash):
        users.renew_hash(door.state, user, door.passwords.hash(password))
    return _let_in(request, user, next_path, how="password")


def sign_out(request: Request) -> Response:
    """End the session; the browser forgets it."""
    door, there = door_of(request), cookie(request, SESSION)
    user = door.sessions.user(there, now=door.clock())
    door.sessions.close(there)
    if user:
        audit.note(
            door.state, "sign_out", user_no=user.user_no, name=user.sign_in_name, address=_address(request)
        )
    answer = RedirectResponse("/sign-in", 303)
    drop_cookie(request, answer, SESSION)
    return answer


def begin(request: Request) -> Response:
    """On to the company's own sign-in."""
    next_path = local(request.query_params.get("next", "/"))
    return sign_in_oidc.begin(request, address=_address(request), next_path=next_path)


def finish(request: Request) -> Response:
    """Back from the company's own sign-in: on with a session, or a page that says why not."""
    return sign_in_oidc.finish(request, address=_address(request), let_in=_let_in)


def _let_in(request: Request, user: User, next_path: str, *, how: str) -> Response:
    """A new session, whatever the browser had before, and on."""
    door: Door = door_of(request)
    now = door.clock()
    if before := cookie(request, SESSION):
        door.sessions.close(before)
    opened = door.sessions.open(user.user_no, now=now)
    door.lockout.forget(now=now)
    audit.note(
        door.state, "sign_in", user_no=user.user_no, name=user.sign_in_name, what=how,
        address=_address(request), at=now,
    )  # fmt: skip
    answer = RedirectResponse(local(next_path), 303)
    lasts_s = int(door.settings.session_hours * 3600)
    set_cookie(request, answer, SESSION, opened, lasts_s=lasts_s)
    drop_cookie(request, answer, BEFORE)
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
