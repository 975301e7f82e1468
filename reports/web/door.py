"""Who is let in: all that signing in needs, once an application, and the viewer behind a request.

``open_door`` puts it together from settings and the hub's database; the application keeps it as
``app.state.door``. ``signed_in`` is the dependency of every page. It shows nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from connectors.errors import Misconfigured
from hub.state import State
from reports.access.lockout import Lockout
from reports.access.oidc import Oidc
from reports.access.oidc_provider import Provider
from reports.access.passwords import Passwords
from reports.access.secret import Secret, secret_of
from reports.access.sessions import Sessions
from reports.access.users import People, viewer_of
from reports.access.viewer import Viewer
from reports.web.cookies import SESSION, cookie
from settings import Settings

LONGEST_NEXT = 2000


class NotSignedIn(Exception):
    """The request shows nobody who is signed in."""


@dataclass(frozen=True)
class Door:
    """What signing in needs; ``oidc`` is ``None`` where the company has no sign-in of its own."""

    settings: Settings
    state: State
    secret: Secret
    people: People
    passwords: Passwords
    sessions: Sessions
    lockout: Lockout
    oidc: Oidc | None
    clock: Callable[[], dt.datetime]


def open_door(
    settings: Settings,
    state: State,
    *,
    people: People,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Door:
    """The door over an open hub database; ``people`` says who works here (``reports.access.people``).

    ``Misconfigured`` when a setting of it is wrong. It makes the secret's file when there is none.
    """
    secret = secret_of(settings)
    passwords = Passwords(settings.password_memory_kib)
    passwords.warm()
    return Door(
        settings=settings,
        state=state,
        secret=secret,
        people=people,
        passwords=passwords,
        sessions=Sessions(
            state,
            secret,
            lasts=dt.timedelta(hours=settings.session_hours),
            idle=dt.timedelta(hours=settings.session_idle_hours),
        ),
        lockout=Lockout(state, secret),
        oidc=_oidc(settings, state, secret),
        clock=clock,
    )


def hosts(settings: Settings) -> list[str]:
    """The names the reports may be asked for by, for ``TrustedHostMiddleware``."""
    names = [name.strip() for name in settings.reports_hosts.split(",") if name.strip()]
    if not names or "*" in names:
        raise Misconfigured(
            f"TRIADA_REPORTS_HOSTS is {settings.reports_hosts!r}, expected names such as "
            "reports.example.com: with any name allowed, somebody else's page can pass for ours"
        )
    return names


def door_of(request: Request) -> Door:
    """The application's door."""
    door: Door = request.app.state.door
    return door


def viewer_or_none(request: Request) -> Viewer | None:
    """Who is signed in; ``None`` for nobody, also for somebody who has left since."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    there = cookie(request, SESSION)
    if known is not None or not there:
        return known
    door = door_of(request)
    user = door.sessions.user(there, now=door.clock())
    viewer = viewer_of(user, door.people) if user else None
    request.state.viewer = viewer
    request.state.sign_in_name = user.sign_in_name if user else ""
    return viewer


def signed_in(request: Request) -> Viewer:
    """The dependency of every page: who looks; ``NotSignedIn`` sends to the sign-in page."""
    viewer = viewer_or_none(request)
    if viewer is None:
        raise NotSignedIn
    return viewer


def on_not_signed_in(request: Request, _error: Exception) -> Response:
    """What somebody who is not signed in gets: a page is sent on to the sign-in, a program told 401."""
    again = request.headers.get("hx-current-url") if "hx-request" in request.headers else None
    parts = urlsplit(again or str(request.url))
    there = f"{parts.path}{f'?{parts.query}' if parts.query else ''}"
    to = f"/sign-in?next={quote(local(there), safe='')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": to})
    if request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(to, 303)
    problem = {"title": "not signed in", "status": 401, "detail": f"sign in at {to}"}
    return JSONResponse(problem, 401, media_type="application/problem+json")


def local(path: str) -> str:
    """``path`` when it leads to a page of ours, else the first page: no other host, however it is written."""
    is_ours = (
        path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and path.isprintable()
        and len(path) <= LONGEST_NEXT
        and not path.startswith(("/sign-in", "/sign-out"))
    )
    if not is_ours:
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path


def _oidc(settings: Settings, state: State, secret: Secret) -> Oidc | None:
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise Misconfigured("TRIADA_OIDC_ISSUER is set, expected TRIADA_OIDC_CLIENT_ID too")
    provider = Provider(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()
    )
    return Oidc(state, secret, provider, claim=settings.oidc_claim, verifies_all=settings.oidc_email_verified)
