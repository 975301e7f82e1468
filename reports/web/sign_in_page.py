"""The sign-in page: one form in the reader's language, with what went wrong.

A request and what to say come in, the page goes out with the cookie that its form's token is bound to. It
looks at no password.
"""

from __future__ import annotations

from urllib.parse import quote

from babel import negotiate_locale
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reports.reader import Reader
from reports.site import environment, formats
from reports.texts import LANGUAGES
from reports.web import csrf
from reports.web.cookies import BEFORE, LANGUAGE, cookie, set_cookie
from reports.web.door import door_of

BEFORE_S = 12 * 3600
"""A form that was open longer must be loaded again."""


def page(
    request: Request, *, next_path: str, name: str = "", error: str = "", wait_s: int = 0, status: int = 200
) -> Response:
    """The form with ``error``, a key of the texts; ``wait_s`` seconds to wait make it a 429."""
    door = door_of(request)
    language = language_of(request)
    ours = door.settings
    reader = Reader.of(language, timezone=ours.timezone, currency=ours.currency)
    before = csrf.before_cookie(request, door.secret)
    said = reader.text(error) if error else None
    if wait_s:
        said, status = reader.text("sign_in.wait", max(1, -(-wait_s // 60))), 429
    body = (
        environment()
        .get_template("web/sign_in.html.j2")
        .render(
            **formats(reader),
            company=ours.company,
            error=said,
            name=name[:100],
            next_path=next_path,
            next_quoted=quote(next_path, safe=""),
            token=csrf.token_before(door.secret, before),
            has_oidc=door.oidc is not None,
            languages=[other for other in LANGUAGES if other != language],
        )
    )
    answer = HTMLResponse(body, status)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    if wait_s:
        answer.headers["Retry-After"] = str(wait_s)
    set_cookie(request, answer, BEFORE, before, lasts_s=BEFORE_S)
    return answer


def language_of(request: Request) -> str:
    """What somebody not yet signed in reads: as chosen here, as chosen before, as the browser says."""
    for chosen in (request.query_params.get("language"), cookie(request, LANGUAGE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return negotiate_locale(_wanted(request.headers.get("accept-language", "")), LANGUAGES) or LANGUAGES[0]


def _wanted(header: str) -> list[str]:
    """Languages of an ``Accept-Language`` header, the most wanted first."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        name, _, weight = part.strip().partition(";q=")
        try:
            found.append((-float(weight or 1), name.partition("-")[0].strip().lower()))
        except ValueError:
            continue
    return [name for weight, name in sorted(found, key=lambda each: each[0]) if name and weight < 0]
