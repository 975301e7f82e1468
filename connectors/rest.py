"""The connector of a system that is asked over HTTP: our own store API, or another by its declaration.

An ``Api`` says how the system talks; windows by ``rest_window``, rows by ``rest_read``, writes by
``rest_write``, over the connections of ``rest_client``. Knows no catalogue and no vendor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from connectors import rest_drift, rest_read, rest_window
from connectors.errors import Misconfigured, Refused
from connectors.protocol import Fence, Outcome, Read, Row, Window, Write
from connectors.rest_api import Api, part
from connectors.rest_client import Client, Patience
from connectors.rest_pages import Talk
from connectors.rest_store import store_api
from connectors.rest_values import shape_of
from connectors.rest_write import write_rows


class RestConnector:
    """A system behind HTTP; nothing connects before the first question, ``close`` ends all connections.

    Without an ``api`` it is one of our stores. ``overlap_s`` is how much is read again before the last
    window's end, for what was committed late; without it the declaration's.
    """

    def __init__(
        self,
        system: str,
        url: str,
        *,
        token: str = "",
        api: Api | None = None,
        overlap_s: float | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._system = system
        self._api = api or store_api(system)
        self._overlap = dt.timedelta(seconds=self._api.cursor.overlap_s if overlap_s is None else overlap_s)
        self._client = Client(system, url, api=self._api, token=token, patience=patience)
        self._talk = lru_cache(maxsize=None)(self._talk_about)

    def open_window(self, read: Read, since: str | None) -> Window:
        """Fix the upper bound: the newest stamp by the system's own clock, or its last whole second."""
        return rest_window.open_window(
            self._talk(read.stream, read.lines), read, since, overlap=self._overlap
        )

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The window's rows by stamp and key; the next page is asked for while one is worked on."""
        talk = self._talk(read.stream, read.lines)
        yield from rest_window.pages(talk, read, window, size=size, overlap=self._overlap)

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """At least what is still there and settled, at most what was counted and what came late."""
        return rest_window.bounds(self._talk(read.stream, read.lines), read, window, overlap=self._overlap)

    def release(self, window: Window) -> None:
        """A window holds nothing open."""

    def drift(self, stream: str) -> tuple[str, ...]:
        """Columns nobody declared; ``Refused`` when a declared one is not there or of another type."""
        talk = self._talk(stream)
        return rest_drift.described(talk, self._description) if self._api.store else rest_drift.sampled(talk)

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The records with these keys as they are now."""
        return rest_read.fetch(self._talk(read.stream, read.lines), read, keys)

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """Rows whose column is one of the values; none: all rows."""
        return rest_read.lookup(self._talk(stream), column, values)

    def key_column(self, stream: str) -> str:
        """The column of the stream's business key."""
        return self._talk(stream).resource.key

    def digest(self, stream: str) -> Mapping[str, tuple[int, int]] | None:
        """Rows and checksum of each group of keys; ``None`` when the system cannot tell."""
        talk = self._talk(stream)
        if not self._api.store:
            return None
        groups = part(talk.client.get(f"{talk.resource.path}/digest").body, "groups")
        return (
            None
            if groups is None
            else {group: (int(rows), int(sum_)) for group, (rows, sum_) in groups.items()}
        )

    def keys(self, stream: str, group: str) -> list[str]:
        """The keys of one group of a digest."""
        talk = self._talk(stream)
        if not self._api.store:
            return []
        found = part(talk.client.get(f"{talk.resource.path}/keys", [("group", group)]).body, "keys")
        if not isinstance(found, list):
            raise Refused(
                f"{self._client.place}: /{talk.resource.path}/keys came without keys; expected a list"
            )
        return found

    def write(self, write: Write, rows: Sequence[Row], *, fence: Fence | None = None) -> list[Outcome]:
        """Bring these records to this state; see ``protocol.Target``."""
        return self._written(write, rows, fence=fence, dry=False)

    def compare(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        """What ``write`` would do, and nothing done."""
        return self._written(write, rows, fence=None, dry=True)

    def close(self) -> None:
        """End all connections; the next question would open new ones."""
        self._client.close()

    @cached_property
    def _description(self) -> Any:
        return self._client.get("").body

    def _written(self, write: Write, rows: Sequence[Row], *, fence: Fence | None, dry: bool) -> list[Outcome]:
        talk = self._talk(write.stream, write.lines)
        if not self._api.store:
            raise Misconfigured(
                f"a write to {write.stream}: its system is only read; expected a write to a store"
            )
        lines = self._talk(write.lines).resource.columns if write.lines else {}
        return write_rows(talk, write, rows, lines=lines, fence=fence, dry=dry)

    def _talk_about(self, stream: str, lines: str = "") -> Talk:
        for name in (stream, lines):
            if name and name not in self._api.resources:
                raise Misconfigured(
                    f"{name!r} was asked of {self._system}; expected one of {', '.join(self._api.resources)}"
                )
        resource = self._api.resources[stream]
        if lines and resource.lines.keys() != self._api.resources[lines].columns.keys():
            raise Misconfigured(f"{lines} holds no lines of {stream}; expected the stream of its lines")
        return Talk(self._client, self._api, stream, resource, shape_of(resource))
