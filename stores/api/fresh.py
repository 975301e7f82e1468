"""What a new record has when its sender said nothing: its number, its instants, where it stands.

Only what the store itself knows: the next number of the year in the form that the model shows, the clock, the
first word of a life. Everything else is the sender's, and its lack is told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from stores.api.problems import FieldError, invalid
from stores.api.store import Store, Stream
from stores.api.values import Row

Known = Callable[[Store, dt.datetime], Any]
_NOW: Known = lambda _store, at: at  # noqa: E731
_COIN: Known = lambda store, _at: store.currency  # noqa: E731
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "crm.leads": {"stage": "new", "source": "web", "created_at": _NOW, "currency": _COIN},
    "crm.orders": {"status": "draft", "approval_status": "none", "ordered_at": _NOW},
    "crm.activities": {"happened_at": _NOW},
    "crm.accounts": {"status": "prospect", "created_on": lambda _store, at: at.date()},
    "erp.payments": {"recorded_at": _NOW, "channel": "system"},
    "erp.shipments": {"status": "requested", "requested_at": _NOW},
    "oa.approval_requests": {"status": "requested", "requested_at": _NOW, "channel": "system"},
}  # fmt: skip
_NUMBER = re.compile(r"([A-Z]{1,3})-\d{4}-(\d{4,6})")


def complete(store: Store, stream: Stream, values: Row, *, at: dt.datetime) -> Row:
    """The values with what the store knows; a 422 for what is still missing."""
    known = {
        name: value(store, at) if callable(value) else value
        for name, value in DEFAULTS.get(stream.name, {}).items()
    }
    whole = {**{name: value for name, value in known.items() if name in stream.table.c}, **values}
    require(stream.table, whole)
    return whole


def require(table: sa.Table, values: Row, *, at: str = "", given: tuple[str, ...] = ()) -> None:
    """A 422 that names every column that may not be empty and is; ``given`` are filled otherwise."""
    missing = [
        column.name
        for column in table.c
        if not column.nullable
        and column.server_default is None
        and column.name not in given
        and values.get(column.name) is None
    ]
    if missing:
        raise invalid(
            *(
                FieldError(f"{at}{name}", "is missing; a new record needs it", f"missing:{name}")
                for name in missing
            )
        )


def next_number(connection: sa.Connection, stream: Stream, at: dt.datetime) -> str:
    """The next number of the year, such as L-2026-0043; a 422 when the stream's keys are not numbered so."""
    form = _NUMBER.fullmatch(stream.key.comment or "")
    if form is None:
        raise invalid(
            FieldError(
                stream.key.name,
                f"is missing; expected a key such as {stream.key.comment}",
                f"missing:{stream.key.name}",
            )
        )
    start, width = f"{form[1]}-{at.year}-", len(form[2])
    query = (
        sa.select(stream.key)
        .where(stream.key.like(f"{start}%"))
        .order_by(sa.func.length(stream.key).desc(), stream.key.desc())
    )
    # Others may have written keys that only look like numbers.
    for key in connection.execute(query).scalars():
        rest = key.removeprefix(start)
        if rest.isascii() and rest.isdigit():
            return f"{start}{int(rest) + 1:0{width}d}"
    return f"{start}{1:0{width}d}"
