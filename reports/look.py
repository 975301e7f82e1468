"""What a page is given when somebody looks at it, and what a page is.

A :class:`Page` declares its question, who may ask it and what it can be narrowed to; its ``make`` gets a
:class:`Look` (rows as this viewer may see them, formats, addresses) and gives what its template needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from reports.access.scope import sees, sees_money
from reports.access.viewer import Viewer
from reports.filters import PERIODS, Filter
from reports.publication import LIMIT_S, Publication, Row
from reports.reader import Reader


class Addresses(Protocol):
    """Turns what is linked into an address: of the server, or of a file beside this one."""

    def __call__(self, path: str, filters: Mapping[str, Any]) -> str | None: ...


def server(path: str, filters: Mapping[str, Any]) -> str:
    """The address on the server; what is not asked for does not stand in it."""
    asked = {name: str(value) for name, value in filters.items() if value is not None}
    return quote(path, safe="/:") + (f"?{urlencode(asked)}" if asked else "")


@dataclass(frozen=True)
class Look:
    """One viewer's look at one publication: ``asked`` are the filters' values.

    ``form_token`` stands in every form that changes something; empty where nobody signs in.
    """

    viewer: Viewer
    reader: Reader
    publication: Publication
    asked: Mapping[str, Any] = field(default_factory=dict)
    addresses: Addresses = server
    form_token: str = ""
    limit_s: float = LIMIT_S

    def rows(self, select: str, **values: Any) -> list[Row]:
        """The rows of a select with ``$names``, by column name; other looks share them, so only read them."""
        return self.publication.rows(self.viewer, select, values, limit_s=self.limit_s)

    def one(self, select: str, **values: Any) -> Row:
        """The only row of a select that always has one, such as a sum."""
        (row,) = self.rows(select, **values)
        return row

    def table(self, name: str, select: str) -> str:
        """The name of a table of what the viewer sees of a select without values, made once a publication."""
        return self.publication.table(self.viewer, name, select, limit_s=self.limit_s)

    def sees(self, *tables: str) -> bool:
        """Whether the viewer sees rows of all these tables; a select from another one fails."""
        return sees(self.viewer, *tables)

    @property
    def is_static(self) -> bool:
        """Whether this is written to a file, where nothing can be asked for."""
        return getattr(self.addresses, "is_static", False)

    @property
    def sees_money(self) -> bool:
        """Whether amounts are shown; where not, they are null."""
        return sees_money(self.viewer)

    @property
    def as_of(self) -> dt.datetime:
        """The instant the publication describes."""
        found: dt.datetime = self.one("select as_of from marts.mart_publication")["as_of"]
        return found

    @property
    def today(self) -> dt.date:
        """The day of ``as_of`` in the company's zone."""
        return self.as_of.astimezone(self.reader.zone).date()

    @property
    def since(self) -> dt.date:
        """The first day of the period asked for."""
        return self.today - dt.timedelta(days=PERIODS[self.asked.get("period") or "90d"])

    def page(self, key: str, **filters: Any) -> str | None:
        """The address of a page, narrowed."""
        return self.addresses("/" if key == "morning" else f"/{key}", filters)

    def rows_of(self, name: str, **filters: Any) -> str | None:
        """The address of the rows behind a number or chart; ``name`` is a row set's."""
        return self.addresses(f"/rows/{name}", filters)

    def record(self, kind: str, number: Any) -> str | None:
        """The address of a record's story across the systems; ``None`` where there is no number."""
        return self.addresses(f"/records/{kind}/{number}", {}) if number is not None else None


@dataclass(frozen=True)
class Page:
    """A page: one question, who may ask it, what it can be narrowed to, and what makes its content.

    ``key`` is its address and the name of its texts and template; ``make`` gives the template's values, or
    ``None`` when there is nothing to tell yet (the page then says ``<key>.empty``). Among them are always the
    headline, ``finding``, and where the page says more in sentences, ``sentences`` of ``morning_said.Said``.
    """

    key: str
    make: Callable[[Look], Mapping[str, Any] | None]
    roles: frozenset[str]
    filters: tuple[Filter, ...] = ()

    def open_to(self, viewer: Viewer) -> bool:
        """Whether this viewer may ask."""
        return viewer.role in self.roles
