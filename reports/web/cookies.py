"""The cookies of the reports: what each is called and how it is set.

Under https a name begins with ``__Host-``: no other host of the company's domain, and nobody on the way, can
set a cookie of that name. All are kept from scripts and from other sites' forms. It knows no values.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION = "triada_session"
BEFORE = "triada_before"
"""Before the sign-in: what its form's token is bound to."""
OIDC = "triada_oidc"
LANGUAGE = "triada_language"


def cookie(request: HTTPConnection, name: str) -> str:
    """The cookie's value; empty when there is none."""
    return request.cookies.get(_called(request, name), "")


def set_cookie(request: HTTPConnection, response: Response, name: str, value: str, *, lasts_s: int) -> None:
    """Give the browser a cookie for ``lasts_s`` seconds."""
    response.set_cookie(
        _called(request, name), value, max_age=lasts_s, path="/", httponly=True, samesite="lax",
        secure=_is_safe(request),
    )  # fmt: skip


def drop_cookie(request: HTTPConnection, response: Response, name: str) -> None:
    """Have the browser forget it."""
    response.delete_cookie(
        _called(request, name), path="/", httponly=True, samesite="lax", secure=_is_safe(request)
    )


def _called(request: HTTPConnection, name: str) -> str:
    return f"__Host-{name}" if _is_safe(request) else name


def _is_safe(request: HTTPConnection) -> bool:
    return request.url.scheme == "https"
