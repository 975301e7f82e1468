"""The connector of a folder where files arrive: ``files.leads`` is every ``leads*.csv`` or ``leads*.csv.gz``.

A position is the digest of every file already read, so a window holds the files that are new or changed,
whatever their dates say. Read only; never moves or deletes a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.csv_source import FILE, LINE, read_table
from connectors.errors import Misconfigured, Refused, Unreachable
from connectors.protocol import Read, Row, Window
from connectors.read_only import ReadOnly

KEY = "_key"
GIVEN_KEY = "external_key"
# As long as the hub's own key columns.
KEY_CHARACTERS = 64


class FilesConnector(ReadOnly):
    """A folder; one that is not there yet is an empty one.

    Rows are text by column, plus ``_file``, ``_line``, ``_problem`` (why a row is not whole, else empty) and
    ``_key``: the row's ``external_key``, or its file and line when it has none.
    """

    reason = "files are read only"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open_window(self, read: Read, since: str | None) -> Window:
        """The files that are new or changed since that position, by their contents now."""
        _plain(read)
        window = Window(since, json.dumps(self._digests(read.stream), sort_keys=True), 0)
        rows = sum(1 for _ in self._window_rows(read, window))
        return Window(window.since, window.until, rows)

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The rows by file name and line; ``Unreachable`` when a file changed since the window was opened."""
        rows = self._window_rows(read, window)
        while page := list(islice(rows, size)):
            yield page

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """As many as the window's files hold now."""
        rows = sum(1 for _ in self._window_rows(read, window))
        return rows, rows

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The rows with these keys in the files as they are now."""
        return self.lookup(read.stream, KEY, keys)

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """Rows whose column is one of the values; none: all rows."""
        wanted = None if values is None else set(values)
        rows = (row for path in self._paths(stream) for row in _rows(path))
        return [row for row in rows if wanted is None or row.get(column) in wanted]

    def key_column(self, _stream: str) -> str:
        """``_key``, which every row has."""
        return KEY

    def close(self) -> None:
        """Nothing stays open."""

    def _window_rows(self, read: Read, window: Window) -> Iterator[Row]:
        before, now = _position(read, window.since), _position(read, window.until)
        for name in sorted(name for name, digest in now.items() if before.get(name) != digest):
            path = self._folder / name
            if not path.is_file() or _digest(path) != now[name]:
                raise Unreachable(
                    f"{path} changed while it was being read; expected it to stay. Run it again."
                )
            for row in _rows(path):
                if all(_matches(row.get(column), value) for column, value in read.where.items()):
                    yield row

    def _digests(self, stream: str) -> dict[str, str]:
        return {path.name: _digest(path) for path in self._paths(stream)}

    def _paths(self, stream: str) -> list[Path]:
        system, _, name = stream.partition(".")
        if system != "files" or not name.isidentifier():
            raise Misconfigured(f"{stream!r} was asked of files; expected a stream such as files.leads")
        if self._folder.exists() and not self._folder.is_dir():
            raise Refused(f"files ({self._folder}): a file; expected a folder. Check TRIADA_INBOX.")
        found = [*self._folder.glob(f"{name}*.csv"), *self._folder.glob(f"{name}*.csv.gz")]
        return sorted(path for path in found if path.is_file())


def _rows(path: Path) -> Iterator[Row]:
    for row in read_table(path)[1]:
        given = row.get(GIVEN_KEY, "").strip()
        # A name too long for a key still ends in what tells its lines apart.
        own = given if 0 < len(given) <= KEY_CHARACTERS else f"{row[FILE]}:{row[LINE]}"[-KEY_CHARACTERS:]
        yield {**row, KEY: own}


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}; expected a file that can be read") from None


def _position(read: Read, text: str | None) -> dict[str, str]:
    try:
        position = json.loads(text) if text is not None else {}
        return {str(name): str(digest) for name, digest in position.items()}
    except (ValueError, AttributeError):
        raise Refused(
            f"{read.stream}: its stored position {text!r} is none of this connector's; expected file digests"
        ) from None


def _matches(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, (tuple, list, set, frozenset)) else value == wanted


def _plain(read: Read) -> None:
    if read.lines:
        raise Misconfigured(
            f"{read.stream}: files have no lines; expected a read without lines={read.lines!r}"
        )
