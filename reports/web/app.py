"""The web application: addresses to pages, problems to their answers, nothing else.

request ─▶ who is signed in ─▶ ``reports.site`` ─▶ HTML, with headers that let nothing in from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from connectors.errors import Refused
from reports.access.viewer import Viewer
from reports.filters import shown
from reports.look import Look
from reports.site import Site
from reports.texts import LANGUAGES
from reports.told import BadAddress, NotFound
from reports.web import sign_in
from reports.web.ahead import READY_WITHIN_S, Ahead
from reports.web.cookies import LANGUAGE, cookie, set_cookie
from reports.web.csrf import Csrf, token
from reports.web.door import Door, NotSignedIn, hosts, on_not_signed_in
from reports.web.exports import exports
from reports.web.headers import SecureHeaders, on_error
from reports.web.problems import problems
from reports.web.sign_in_page import language_of

STATIC = Path(__file__).parents[1] / "static"
YEAR_S = 365 * 24 * 3600
TAKEN_UP_WITHIN_S = 2 * READY_WITHIN_S
"""A publication that readers still do not get then never comes."""

SignedIn = Callable[[Request], Viewer]
"""Who asks; raises what the application answers when nobody is signed in."""


def application(site: Site, *, signed_in: SignedIn, door: Door | None = None) -> FastAPI:
    """The application over one site; ``signed_in`` says who asks, ``door`` is where people sign in."""
    app = FastAPI(title="Tríada reports", docs_url=None, redoc_url=None, openapi_url=None)
    if door is not None:
        app.state.door = door
        app.add_middleware(Csrf, secret=door.secret)
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts(door.settings))
        app.add_exception_handler(NotSignedIn, on_not_signed_in)
        app.include_router(sign_in.router())
    app.add_middleware(SecureHeaders)
    app.add_exception_handler(Exception, on_error)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.state.ahead = Ahead(site)
    _health(app, site)
    chromium = door.settings.chromium if door else ""

    def look_of(request: Request) -> Look:
        return _look(site, request, signed_in(request))

    exports(app, site, look_of, asked, chromium=chromium)
    _languages(app)
    _pages(app, site, look_of)
    problems(app, site, look_of)
    return app


def _look(site: Site, request: Request, viewer: Viewer) -> Look:
    look = site.look(viewer, locale=language(request, viewer))
    door: Door | None = getattr(request.app.state, "door", None)
    return replace(look, form_token=token(request, door.secret)) if door else look


def language(request: Request, viewer: Viewer) -> str:
    """What the reader chose here, else what the reader is known to speak, else what the browser asks for."""
    chosen = cookie(request, LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    return viewer.locale if viewer.user_no is not None else language_of(request)


def _health(app: FastAPI, site: Site) -> None:
    @app.get("/health")
    def health() -> JSONResponse:
        """Whether the newest publication can be read, or soon; for whoever watches the service."""
        try:
            behind_s = site.published.behind_s()
        except Refused:
            why = "there is no published warehouse that can be read; `./triada build` makes one"
        else:
            if behind_s < TAKEN_UP_WITHIN_S:
                return JSONResponse({"ok": True})
            why = (
                f"the newest publication is not taken up since {behind_s:.0f} s; see the log, and start again"
            )
        return JSONResponse({"ok": False, "why": why}, status_code=503)


def _languages(app: FastAPI) -> None:
    @app.get("/language/{code}")
    def choose_language(code: str, request: Request) -> Response:
        """Keep the reader's language, and go back to where it was chosen."""
        if code not in LANGUAGES:
            raise NotFound("missing.language", known=", ".join(LANGUAGES))
        came_from = urlsplit(request.headers.get("referer", ""))
        here = came_from.path if came_from.netloc == request.headers.get("host") else "/"
        back = f"/{here.lstrip('/')}" + (f"?{came_from.query}" if here != "/" and came_from.query else "")
        answer = RedirectResponse(back, status_code=303)
        set_cookie(request, answer, LANGUAGE, code, lasts_s=YEAR_S)
        return answer


def _pages(app: FastAPI, site: Site, look_of: Callable[[Request], Look]) -> None:
    @app.get("/rows/{name}", response_class=HTMLResponse)
    def rows(name: str, request: Request) -> HTMLResponse:
        return HTMLResponse(site.rows(look_of(request), name, asked(request)))

    @app.get("/records/{kind}/{number:path}", response_class=HTMLResponse)
    def record(kind: str, number: str, request: Request) -> HTMLResponse:
        return HTMLResponse(site.record(look_of(request), kind, number))

    @app.get("/numbers/{metric}", response_class=HTMLResponse)
    def number(metric: str, request: Request) -> HTMLResponse:
        return HTMLResponse(site.number(look_of(request), metric))

    @app.get("/", response_class=HTMLResponse)
    def morning(request: Request) -> HTMLResponse:
        return opened(request, "morning")

    @app.get("/{key}", response_class=HTMLResponse)
    def page(key: str, request: Request) -> HTMLResponse:
        return opened(request, key)

    def opened(request: Request, key: str) -> HTMLResponse:
        look, given = look_of(request), asked(request)
        text = site.page(look, key, given)
        app.state.ahead.opened(look.viewer, key, given)
        return HTMLResponse(text)


def asked(request: Request) -> Mapping[str, str]:
    """The address's parameters; each may stand there once, and an empty one asks for nothing."""
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadAddress("bad.twice", value=shown(twice[0]))
    return {name: value for name, value in given if value}
