"""How the API says no: RFC 9457 problem details, with the field, the reason and the rule.

Errors of the connectors and of the stores' rules become problems here, once. No problem holds a secret, an
address of the database or a traceback: what the operator needs is in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from connectors.errors import (
    LeaseLost,
    Misconfigured,
    MissingDependency,
    RecordRejected,
    TriadaError,
    Unreachable,
)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: ("bad-request", "The request cannot be read"),
    401: ("unauthorized", "A valid token is needed"),
    403: ("forbidden", "The token does not allow this"),
    404: ("not-found", "There is no such thing"),
    405: ("method-not-allowed", "This cannot be done here"),
    409: ("conflict", "What is there does not allow it"),
    412: ("precondition-failed", "The record is not what you think it is"),
    413: ("too-large", "The body is too large"),
    415: ("unsupported-media-type", "The body is not JSON"),
    422: ("invalid", "What came is not valid"),
    429: ("too-many-requests", "Too many requests"),
    500: ("broken", "The store failed"),
    503: ("unavailable", "The store is not available now"),
}
LOG = logging.getLogger("triada.api")
REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request in hand, for the log."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with a field: ``rule`` names the rule, ``reason`` what came and was expected."""

    field: str
    reason: str
    rule: str


class Problem(Exception):
    """A request that is answered with a problem instead of a result."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        type_: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, tuple(errors)
        self.type, self.headers = type_ or TITLES.get(status, TITLES[500])[0], dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The problem as JSON."""
        return {
            "type": self.type,
            "title": TITLES.get(self.status, TITLES[500])[1],
            "status": self.status,
            "detail": self.detail,
            "errors": [asdict(one) for one in self.errors],
        }


def invalid(*errors: FieldError) -> Problem:
    """A 422 that names every field that is wrong."""
    return Problem(422, "; ".join(f"{one.field}: {one.reason}" for one in errors), errors=errors)


def one_invalid(field: str, reason: str, *, rule: str) -> Problem:
    """A 422 for one field."""
    return invalid(FieldError(field, reason, rule))


def no_stream(system: str, name: str) -> Problem:
    """A 404 for a stream that the system does not have."""
    return Problem(404, f"{system} has no stream {name[:80]!r}; GET / lists them")


def no_record(table: str, key: str) -> Problem:
    """A 404 for a record that is not there."""
    return Problem(404, f"{table} has no record {key[:80]!r}")


def from_error(error: Exception) -> Problem:
    """The problem of an error that the product raises on purpose; anything else is a 500 and logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, LeaseLost):
        return Problem(409, str(error), type_="lease-lost")
    if isinstance(error, MissingDependency | RecordRejected):
        return one_invalid(error.rule.partition(":")[2], str(error), rule=error.rule)
    if isinstance(error, Misconfigured):
        return Problem(422, str(error))
    return _system_problem(error)


def _system_problem(error: Exception) -> Problem:
    if isinstance(error, Unreachable):
        LOG.warning("request %s: the store's database did not answer: %s", REQUEST.get(), error)
        return Problem(
            503, "the store's database did not answer in time; try again", headers={"Retry-After": "1"}
        )
    if isinstance(error, TriadaError):
        LOG.error("request %s: the store's database refused: %s", REQUEST.get(), error)
        return Problem(
            500, "the store's database refused the store; its operator finds the reason in the log"
        )
    LOG.error("request %s: unexpected error", REQUEST.get(), exc_info=error)
    return Problem(500, "an unexpected error; its X-Request-Id is with the details in the store's log")
