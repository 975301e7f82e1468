"""How an HTTP system talks, as a declaration: its streams, paging, cursor, envelope and errors.

A frozen ``Api`` is all that ``connectors.rest`` needs to read a system; ``connectors.rest_store`` has the one
of our own store API, which can be written to as well. Asks nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "exact", "integer", "boolean", "date", "instant"]
Fate = Literal["again", "refused"]


@dataclass(frozen=True)
class Field:
    """Where a column is in a record: its name there (``a.b`` is ``b`` inside ``a``) and what it holds."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Resource:
    """A stream: its path, the column of its business key, and its columns.

    ``updated_at`` must be among the columns. ``filters`` are the columns that the system itself can choose
    by; rows are chosen here by all others. ``lines`` are the columns of its lines, when it has some.
    """

    path: str
    key: str
    columns: Mapping[str, Field]
    filters: frozenset[str] = frozenset()
    lines: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Paging:
    """How the next page is asked for.

    ``token``: the answer holds what to send as ``parameter``; ``link``: the answer's Link header says where
    it is; ``page`` and ``offset``: ``parameter`` counts pages from ``first``, or rows. Counted pages shift
    when a row changes meanwhile, so they are used only among equal timestamps, and the cursor otherwise.
    ``largest`` is the most rows that the system gives at once.
    """

    style: Literal["token", "page", "offset", "link"]
    size: str
    parameter: str = ""
    first: int = 1
    largest: int = 1000


@dataclass(frozen=True)
class Cursor:
    """How rows are chosen by when they changed.

    ``since`` and ``until`` name the parameters; a system without ``until`` is read up to the second before
    its own clock, and what is later is left for the next window. ``inclusive``: rows of ``since`` itself
    come too. ``unit_s`` is the precision of its timestamps. ``sort`` is sent always and must order by
    timestamp. What is committed up to ``overlap_s`` late is found by reading that much again.
    """

    since: str
    until: str = ""
    inclusive: bool = False
    unit_s: Literal["0.000001", "1"] = "0.000001"
    sort: Mapping[str, str] = field(default_factory=dict)
    overlap_s: float = 60


@dataclass(frozen=True)
class Envelope:
    """Where an answer has its parts, as ``a.b``; empty: it has none (``rows`` empty: it is the list itself).

    ``record`` is where one record is that was asked for by its path. ``error`` is what makes an answer with
    status 200 an error: its code is there. ``deleted`` marks a record that is gone.
    """

    rows: str = ""
    record: str = ""
    total: str = ""
    next: str = ""
    until: str = ""
    error: str = ""
    deleted: str = ""


@dataclass(frozen=True)
class Api:
    """A system: its streams by name and how it is asked.

    ``fates`` says what becomes of an error by its code or status: ``again`` (later) or ``refused``; the
    usual statuses need no mention. ``by_key`` names the parameter that takes keys, ``by_column`` those that
    take a column and its values; without them the stream is read and searched here. ``store``: it keeps the
    whole contract of ``docs/api.md`` (lines, deletes, description, digests, batches of writes).
    """

    resources: Mapping[str, Resource]
    paging: Paging
    cursor: Cursor
    envelope: Envelope
    fates: Mapping[str, Fate] = field(default_factory=dict)
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    by_key: str = ""
    by_column: tuple[str, str] | None = None
    keys_each: int = 200
    store: bool = False


def part(body: Any, path: str) -> Any:
    """What is at ``a.b`` of an answer; ``None`` when it is not there; the body itself for no path."""
    for name in path.split(".") if path else ():
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body
