"""What goes wrong, as answers: a status, a page that says what and what to do, in the reader's language.

An exception ─▶ its status and text ─▶ a page as the viewer sees pages, or a plain one while nobody can be
known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from connectors.errors import Misconfigured, Refused, Unreachable
from reports.export.pdf import NotPrinted
from reports.export.xlsx import TooManyRows
from reports.look import Look
from reports.publication import TooLarge, TooSlow
from reports.reader import Reader
from reports.site import Forbidden, Site, environment, formats
from reports.told import BadAddress, NotFound
from reports.web.door import NotSignedIn, on_not_signed_in
from reports.web.sign_in_page import language_of
from reports.web.turns import RETRY_S, Busy, OneAtATime

ANSWERS: Mapping[type[Exception], tuple[int, str]] = {
    BadAddress: (400, "bad_address"),
    NotFound: (404, "not_found"),
    Forbidden: (403, "forbidden"),
    TooManyRows: (422, "too_many_rows"),
    OneAtATime: (429, "one_at_a_time"),
    Busy: (503, "busy"),
    NotPrinted: (503, "not_printed"),
    TooSlow: (503, "too_slow"),
    TooLarge: (503, "too_large"),
    Misconfigured: (503, "not_set_up"),
    # What is left of these: no publication, and the database that knows who is signed in.
    Refused: (503, "unpublished"),
    Unreachable: (503, "away"),
}
"""Status and text of each kind of error; a kind goes before the one that it is made of."""


def problems(app: FastAPI, site: Site, look_of: Callable[[Request], Look]) -> None:
    """Have the application answer errors so; ``look_of`` gives the look of whoever asks."""

    def answer(request: Request, error: Exception, status: int, what: str) -> Response:
        try:
            text = site.problem(look_of(request), status, what, error)
        except NotSignedIn as nobody:
            return on_not_signed_in(request, nobody)
        except (Refused, Unreachable):
            text = _plain(site, language_of(request), what)
        headers = {"Retry-After": str(RETRY_S)} if isinstance(error, Busy) else None
        return HTMLResponse(text, status_code=status, headers=headers)

    def told(status: int, what: str) -> Callable[[Request, Exception], Response]:
        return lambda request, error: answer(request, error, status, what)

    for kind, (status, what) in ANSWERS.items():
        app.add_exception_handler(kind, told(status, what))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        what = {404: "not_found", 405: "not_allowed"}.get(error.status_code, "bad_address")
        found = answer(request, error, error.status_code, what)
        found.headers.update(error.headers or {})
        return found


def _plain(site: Site, language: str, what: str) -> str:
    """A page for whoever is not known and can be shown no page: nothing of the company is in it."""
    reader = Reader.of(language, timezone=site.timezone, currency=site.currency)
    return environment().get_template("web/plain.html.j2").render(**formats(reader), what=what)
