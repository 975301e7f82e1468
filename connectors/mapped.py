"""A foreign source behind a mapping, as a connector: its streams are ``import.crm.accounts`` and the like.

mapping + folder or database → staged rows → pages of typed rows, each with its ``faults``; lines come along.
Everything is read and worked out when it is opened, so that what cannot work stops before anything is
written. Read only: it is a source, not a target.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import Misconfigured
from connectors.mapped_database import DatabaseTables
from connectors.mapped_documents import KEY, Documents
from connectors.mapped_files import FileTables
from connectors.mapped_notices import notices
from connectors.mapped_stage import HASH, open_stage
from connectors.mapping import SourceMapping
from connectors.mapping_sql import tables_named
from connectors.protocol import Read, Row, Window
from connectors.read_only import ReadOnly

SYSTEM = "import"


def open_mapped(mapping: SourceMapping, source: str, *, currency: str, timezone: str) -> MappedSource:
    """Read ``source`` (a folder, a file, or a database address) whole and fit the mapping to it.

    Raises ``Misconfigured``, ``Refused`` or ``Unreachable``, naming all that does not fit.
    """
    if mapping.source == "database":
        database = DatabaseTables(source)
        try:
            stage = open_stage(mapping, database, currency=currency, timezone=timezone)
        finally:
            database.close()
        return MappedSource(mapping, Documents(mapping, stage, ZoneInfo(timezone)), notices=notices(stage))
    if "://" in source:
        # An address may hold a password: it is not repeated.
        raise Misconfigured(
            f"{mapping.where} maps {mapping.source} files, but the source is an address; expected a folder"
        )
    files = FileTables(Path(source), mapping.source, mapping.files, tables_named(mapping))
    stage = open_stage(mapping, files, currency=currency, timezone=timezone)
    try:
        documents = Documents(mapping, stage, ZoneInfo(timezone))
        documents.put_broken(files.broken)
        return MappedSource(mapping, documents, notices=[*files.notices(), *notices(stage)])
    except BaseException:
        stage.connection.close()
        raise


class MappedSource(ReadOnly):
    """The source as the hub reads it; ``notices`` are words for the summary."""

    reason = "a mapped source is only read; map a stream of oa, crm or erp"

    def __init__(self, mapping: SourceMapping, documents: Documents, *, notices: Sequence[str]) -> None:
        self.mapping = mapping
        self.notices = list(notices)
        self._documents = documents

    def open_window(self, read: Read, since: str | None) -> Window:  # noqa: ARG002 (a source has no clock)
        """Everything: a foreign source does not say what changed, so each run compares it all."""
        name = _stream(read)
        stage = self._documents.stage
        tables = [shelf[name].name for shelf in (stage.heads, stage.lines) if name in shelf]
        digests = [
            stage.rows(f'select sum("{HASH}")::varchar as digest from {t}')[0]["digest"] for t in tables
        ]
        rows = self._documents.count(name)
        return Window(since=None, until=json.dumps({"rows": rows, "digests": digests}), count=rows)

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:  # noqa: ARG002
        """The stream's rows in the order of their keys; broken ones last."""
        yield from self._documents.pages(_stream(read), size)

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """As many as there are; the source was read once and does not change meanwhile."""
        return self._documents.count(_stream(read)), window.count

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The rows with these import keys."""
        return self._documents.fetch(_stream(read), keys)

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """The rows whose ``column`` is one of ``values``."""
        name = stream.removeprefix(f"{SYSTEM}.")
        rows = (row for page in self._documents.pages(name, 1000) for row in page)
        return [row for row in rows if values is None or row.get(column) in values]

    def key_column(self, stream: str) -> str:  # noqa: ARG002
        """Every row of a source has a key of its own, even where it repeats the record's key."""
        return KEY

    def close(self) -> None:
        """Forget what was read."""
        self._documents.stage.connection.close()


def _stream(read: Read) -> str:
    return read.stream.removeprefix(f"{SYSTEM}.")
