"""Where a page ended, as an opaque token: the fixed bound, the total, the last row's stamp and key.

The token carries a print of the query, so that one of another query is refused and not read wrongly. It is no
secret and proves nothing: whoever may read the stream may ask for any place in it.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sql_rows import NotUtf8
from stores.api.problems import one_invalid
from stores.api.values import dump_instant, instant

ROWS, DELETES = "rows", "deletes"


@dataclass(frozen=True)
class Place:
    """After which row to go on, in which part; the bound and the total that the first page fixed."""

    part: str
    until: dt.datetime | None
    total: int
    after: tuple[Any, ...]


def print_of(query: Sequence[tuple[str, str]]) -> str:
    """A print of the parameters that say what is asked for."""
    asked = sorted((name, value) for name, value in query if name not in ("page_token", "limit"))
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def token_of(place: Place, query: Sequence[tuple[str, str]]) -> str:
    """The token of a place."""
    until = dump_instant(place.until) if place.until else None
    after = [_tagged(value) for value in place.after]
    text = json.dumps([print_of(query), place.part, until, place.total, after])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(token: str, query: Sequence[tuple[str, str]], *, texts: bool) -> Place:
    """The place of a token; a 422 when it is none, or one of another query.

    ``texts``: whether the database may hold stamps and keys that are no instants and no text (SQLite).
    """
    try:
        text = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        of, part, until, total, after = json.loads(text)
        place = Place(
            {ROWS: ROWS, DELETES: DELETES}[part],
            instant(until) if until else None,
            int(total),
            tuple(_value(tag, value, texts=texts) for tag, value in after),
        )
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        raise one_invalid("page_token", "is none that was given here", rule="page_token") from None
    if of != print_of(query):
        raise one_invalid(
            "page_token", "belongs to a query with other parameters; send the same ones", rule="page_token"
        )
    return place


def _tagged(value: Any) -> tuple[str, Any]:
    if isinstance(value, dt.datetime):
        return "instant", dump_instant(value)
    if isinstance(value, bytes):
        return "text" if isinstance(value, NotUtf8) else "bytes", value.hex()
    return "plain", value


def _value(tag: str, value: Any, *, texts: bool) -> Any:
    if tag == "instant":
        return instant(value)
    if tag == "plain" and isinstance(value, str) and "\0" not in value:
        value.encode()
        return value
    if not texts:
        raise ValueError(tag)
    if tag == "plain" and isinstance(value, int | float):
        return value
    return {"text": NotUtf8, "bytes": bytes}[tag](bytes.fromhex(value))
