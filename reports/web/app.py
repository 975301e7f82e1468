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
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from connectors.errors import Misconfigured, Refused, TriadaError, Unreachable
from reports.access.viewer import Viewer
from reports.export.pdf import NotPrinted
from reports.export.xlsx import TooManyRows
from reports.filters import BadAddress
from reports.look import Look
from reports.publication import TooSlow
from reports.site import Forbidden, NotFound, Site
from reports.texts import LANGUAGES
from reports.web import sign_in
from reports.web.ahead import READY_WITHIN_S, Ahead
from reports.web.cookies import LANGUAGE, cookie, set_cookie
from reports.web.csrf import Csrf, token
from reports.web.door import Door, NotSignedIn, hosts, on_not_signed_in
from reports.web.exports import exports
from reports.web.headers import SecureHeaders, on_error
from reports.web.heavy import RETRY_AFTER_S, Busy
from reports.web.sign_in_page import language_of

STATIC = Path(__file__).parents[1] / "static"
YEAR_S = 365 * 24 * 3600
SAID_WITH = ("bad_address", "not_found", "not_set_up", "not_printed", "too_many_rows")
"""Problems whose page also shows what the error says: it tells readers nothing that is not theirs."""
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
    exports(app, site, lambda request: _look(site, request, signed_in(request)), asked, chromium=chromium)
    _languages(app)
    _pages(app, site, signed_in)
    _problems(app, site, signed_in)
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
        except Refused as error:
            return JSONResponse({"ok": False, "why": str(error)}, status_code=503)
        if behind_s < TAKEN_UP_WITHIN_S:
            return JSONResponse({"ok": True})
        why = f"the newest publication is not taken up since {behind_s:.0f} s; see the log, and start again"
        return JSONResponse({"ok": False, "why": why}, status_code=503)


def _languages(app: FastAPI) -> None:
    @app.get("/language/{code}")
    def choose_language(code: str, request: Request) -> Response:
        """Keep the reader's language, and go back to where it was chosen."""
        if code not in LANGUAGES:
            raise NotFound(f"there are texts in {', '.join(LANGUAGES)} only")
        came_from = urlsplit(request.headers.get("referer", ""))
        here = came_from.path if came_from.netloc == request.headers.get("host") else "/"
        back = f"/{here.lstrip('/')}" + (f"?{came_from.query}" if here != "/" and came_from.query else "")
        answer = RedirectResponse(back, status_code=303)
        set_cookie(request, answer, LANGUAGE, code, lasts_s=YEAR_S)
        return answer


def _pages(app: FastAPI, site: Site, signed_in: SignedIn) -> None:
    @app.get("/rows/{name}", response_class=HTMLResponse)
    def rows(name: str, request: Request) -> HTMLResponse:
        look = _look(site, request, signed_in(request))
        return HTMLResponse(site.rows(look, name, asked(request)))

    @app.get("/records/{kind}/{number:path}", response_class=HTMLResponse)
    def record(kind: str, number: str, request: Request) -> HTMLResponse:
        look = _look(site, request, signed_in(request))
        return HTMLResponse(site.record(look, kind, number))

    @app.get("/numbers/{metric}", response_class=HTMLResponse)
    def number(metric: str, request: Request) -> HTMLResponse:
        look = _look(site, request, signed_in(request))
        return HTMLResponse(site.number(look, metric))

    @app.get("/", response_class=HTMLResponse)
    def morning(request: Request) -> HTMLResponse:
        return opened(request, "morning")

    @app.get("/{key}", response_class=HTMLResponse)
    def page(key: str, request: Request) -> HTMLResponse:
        return opened(request, key)

    def opened(request: Request, key: str) -> HTMLResponse:
        look, given = _look(site, request, signed_in(request)), asked(request)
        text = site.page(look, key, given)
        app.state.ahead.opened(look.viewer, key, given)
        return HTMLResponse(text)


def asked(request: Request) -> Mapping[str, str]:
    """The address's parameters; each may stand there once, and an empty one asks for nothing."""
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadAddress(f"{twice[0]!r} stands in the address more than once")
    return {name: value for name, value in given if value}


def _problems(app: FastAPI, site: Site, signed_in: SignedIn) -> None:
    def answer(status: int, what: str) -> Callable[[Request, Exception], Response]:
        def problem(request: Request, error: Exception) -> Response:
            ours = isinstance(error, TriadaError) and what in SAID_WITH
            said = str(error) if ours else ""
            try:
                look = _look(site, request, signed_in(request))
            except NotSignedIn as nobody:
                return on_not_signed_in(request, nobody)
            except (Refused, Unreachable):
                return HTMLResponse(_plain(what), status_code=status)
            found = HTMLResponse(site.problem(look, status, what, said), status_code=status)
            if isinstance(error, Busy):
                found.headers["Retry-After"] = str(RETRY_AFTER_S)
            return found

        return problem

    app.add_exception_handler(BadAddress, answer(400, "bad_address"))
    app.add_exception_handler(NotFound, answer(404, "not_found"))
    app.add_exception_handler(Forbidden, answer(403, "forbidden"))
    app.add_exception_handler(TooSlow, answer(503, "too_slow"))
    app.add_exception_handler(Refused, answer(503, "unpublished"))
    app.add_exception_handler(Misconfigured, answer(503, "not_set_up"))
    app.add_exception_handler(Unreachable, answer(503, "away"))
    app.add_exception_handler(NotPrinted, answer(503, "not_printed"))
    app.add_exception_handler(TooManyRows, answer(413, "too_many_rows"))
    app.add_exception_handler(Busy, answer(503, "busy"))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        what = {404: "not_found", 405: "not_allowed"}.get(error.status_code, "bad_address")
        found = answer(error.status_code, what)(request, error)
        found.headers.update(error.headers or {})
        return found


def _plain(what: str) -> str:
    """A page for whoever is not known and can be shown no page: nothing of the company is in it."""
    from reports.site import environment
    from reports.texts import texts

    words = {
        language: [texts(language)[f"problem.{what}.{part}"] for part in ("title", "do")]
        for language in LANGUAGES
    }
    return environment().get_template("web/plain.html.j2").render(words=words)
