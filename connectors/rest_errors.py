"""What an HTTP system's answer means: fine, to be asked again, or one of our errors by fate.

A response → ``Verdict``; messages say where, what came, what was expected, what to do, and hold no token.
Waits for nothing: ``rest_client`` does.
"""

from __future__ import annotations

import datetime as dt
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from connectors.errors import LeaseLost, Refused, TriadaError, Unreachable
from connectors.rest_api import Api, part

SHOWN = 300
AGAIN = frozenset({408, 425, 429, 502, 503, 504})


class TooMuch(Refused):
    """The system took none of a request's records: too large (413), or some could not be read at all."""


class NotThere(Refused):
    """There is nothing at this path."""


@dataclass(frozen=True)
class Place:
    """Whom a message is about: the system, its address without secrets, and its settings' first words."""

    system: str
    address: str

    def __str__(self) -> str:
        return f"{self.system} ({self.address})"

    @property
    def setting(self) -> str:
        return f"TRIADA_{self.system.upper()}"


@dataclass(frozen=True)
class Verdict:
    """What an answer means: ``body`` when it is fine; else ``error``, and whether to ask again."""

    body: Any = None
    error: TriadaError | None = None
    again: bool = False
    wait_s: float | None = None


def judge(api: Api, place: Place, response: httpx.Response, *, hide: Callable[[str], str]) -> Verdict:
    """The verdict over a response; ``hide`` takes the token out of what the system says."""
    body, readable = _json(response)
    status = response.status_code
    code = part(body, api.envelope.error) if api.envelope.error else None
    if response.is_success and readable and code is None:
        return Verdict(body)
    asked = f"{response.request.method} {response.request.url.path}"
    said = hide(_said(body, response))
    if response.is_success and not readable:
        return Verdict(
            error=Refused(
                f"{place}: {asked} was answered with {status} and no JSON: {said}. Expected its API; "
                f"is {place.setting}_URL its address?"
            )
        )
    fate = api.fates.get(str(code)) or api.fates.get(str(status))
    if fate == "again" or (fate is None and code is None and status in AGAIN):
        error = Unreachable(
            f"{place} did not do {asked}: {status}, {said}. Expected an answer; is it overloaded?"
        )
        return Verdict(error=error, again=True, wait_s=retry_after_s(response))
    if fate is None and status >= 500:
        return Verdict(
            error=Unreachable(f"{place} failed at {asked}: {status}, {said}. Its own log says why.")
        )
    return Verdict(error=_refused(place, asked, status, said, body))


def lost(place: Place, method: str, path: str, *, error: Exception, hide: Callable[[str], str]) -> Verdict:
    """The verdict over a question that got no answer at all; all we ask may be asked twice."""
    what = hide(" ".join(str(error).split())) or type(error).__name__
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None or isinstance(error, httpx.UnsupportedProtocol):
        refused = Refused(
            f"{place}: {what}. Expected a system that speaks HTTP and shows a certificate that this machine "
            f"trusts; check {place.setting}_URL."
        )
        return Verdict(error=refused)
    if isinstance(error, httpx.TimeoutException):
        what = f"no answer in time ({type(error).__name__})"
    elif not isinstance(error, httpx.ConnectError):
        what = f"the connection was lost ({what})"
    asked = f"{method} /{httpx.URL(path).path.lstrip('/')}"
    return Verdict(
        error=Unreachable(f"{place} did not answer {asked}: {what}. Expected an answer; is it up?"),
        again=True,
    )


def retry_after_s(response: httpx.Response) -> float | None:
    """How long the system asks to wait: seconds, or until a date by its own clock; ``None``: it says not."""
    text = response.headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        until, now = instant_of(text), instant_of(response.headers.get("Date", ""))
        return max(0.0, (until - (now or dt.datetime.now(dt.UTC))).total_seconds()) if until else None


def instant_of(text: str) -> dt.datetime | None:
    """The instant of an HTTP date; ``None`` when it is none."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)


def _refused(place: Place, asked: str, status: int, said: str, body: Any) -> TriadaError:
    if status in (401, 403):
        return Refused(
            f"{place} refused {asked}: {status}, {said}. Expected a token that it accepts for this; "
            f"check {place.setting}_TOKEN."
        )
    if status == 409 and str(part(body, "type") or "").endswith("lease-lost"):
        return LeaseLost(f"{place} refused {asked}: {said}. Another worker took over; nothing was written.")
    if status == 413 or (status == 422 and _is_about_records(body)):
        return TooMuch(f"{place} refused {asked}: {status}, {said}.")
    if status == 404:
        return NotThere(
            f"{place} has no {asked.partition(' ')[2]}: 404, {said}. Expected the streams of this system; "
            f"is {place.setting}_URL its address?"
        )
    return Refused(
        f"{place} refused {asked}: {status}, {said}. Expected the API that this connector was written for; "
        f"check {place.setting}_URL and the system's version."
    )


def _is_about_records(body: Any) -> bool:
    """Whether every fault named lies inside a record (``records.3.name``): then the others may pass."""
    errors = part(body, "errors")
    named = [str(part(error, "field")) for error in errors] if isinstance(errors, list) else []
    return bool(named) and all(name.startswith(("records.", "records[")) for name in named)


def _json(response: httpx.Response) -> tuple[Any, bool]:
    if not response.content:
        return None, response.is_success
    try:
        # Money as a JSON number stays what was written: no float.
        return json.loads(response.content, parse_float=Decimal), True
    except ValueError:
        return None, False


def _said(body: Any, response: httpx.Response) -> str:
    for path in ("detail", "error.message", "message", "error", "title"):
        text = part(body, path)
        if isinstance(text, str) and text:
            return " ".join(text.split())[:SHOWN]
    return " ".join(response.text.split())[:SHOWN] or "nothing else"
