"""A folder of CSV files or XES logs, plain or gzipped, as a source of tables.

folder → files by pattern → tables: a CSV file is one of text (an empty field is null), logs are two,
``traces`` and ``events``, with typed attributes. Every file is read to its end before a table counts as open.
A row that does not fit its header is left out and told; a file that is cut short is refused.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from connectors.csv_source import FILE, LINE, PROBLEM, read_table
from connectors.errors import Misconfigured, Refused
from connectors.mapped_values import load_rows
from connectors.near import did_you_mean
from connectors.xes import read_log

TRACES, EVENTS, TRACE, EVENT = "traces", "events", "_trace", "_event"
_LOGS = "*.xes"


class FileTables:
    """The tables in ``place`` (a folder, or one file), read as ``source`` (csv or xes) says.

    ``patterns`` names a table's files; ``broken`` holds, by table, what is wrong with rows left out.
    """

    def __init__(self, place: Path, source: str, patterns: Mapping[str, str], wanted: Sequence[str]) -> None:
        self._place, self._source = place, source
        self._patterns, self._wanted = patterns, wanted
        self._tables: dict[str, dict[str, list[Any]]] = {}
        self.broken: dict[str, list[dict[str, Any]]] = {}
        self.name = str(place)

    def open(self) -> dict[str, tuple[str, ...]]:
        """Columns by table; ``Misconfigured`` or ``Refused`` names the file that is missing or broken."""
        if not self._place.exists():
            raise Misconfigured(f"no source at {self._place}; expected a folder of {self._source} files")
        if self._source == "xes":
            self._read_logs(self._files(self._pattern("")))
        else:
            for table in self._wanted:
                self._read_table(table, self._files(self._pattern(table)))
        return {table: tuple(columns) for table, columns in self._tables.items()}

    def notices(self) -> list[str]:
        """Files that no table reads, and those that end within a line."""
        patterns = (self._pattern(table) for table in self._wanted)
        used = {path for pattern in patterns for path in self._matching(pattern)}
        others = [path.name for path in self._all() if path not in used]
        told = [f"ignored, not mapped: files {', '.join(others)}"] if others else []
        return told + [
            f"{path.name} does not end with a line end: if it was cut there, its last value is short"
            for path in sorted(used)
            if self._source == "csv" and not _ends_its_last_line(path)
        ]

    def load(self, into: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> None:
        """Make ``table`` in ``into`` with these columns, whole."""
        load_rows(into, table, {name: self._tables[table][name] for name in columns})

    def close(self) -> None:
        """Forget what was read."""
        self._tables.clear()

    def _all(self) -> list[Path]:
        return (
            [self._place]
            if self._place.is_file()
            else sorted(p for p in self._place.iterdir() if p.is_file())
        )

    def _pattern(self, table: str) -> str:
        return (
            self._patterns.get("", _LOGS)
            if self._source == "xes"
            else self._patterns.get(table, f"{table}.csv")
        )

    def _matching(self, pattern: str) -> list[Path]:
        names = (pattern, f"{pattern}.gz")
        return [path for path in self._all() if any(path.match(name) for name in names)]

    def _files(self, pattern: str) -> list[Path]:
        found = self._matching(pattern)
        if not found:
            names = [path.name for path in self._all()]
            raise Misconfigured(
                f"{self._place}: no file is called {pattern} or {pattern}.gz{did_you_mean(pattern, names)}. "
                f"There are: {', '.join(names[:20]) or 'none'}. Name the file in the mapping's 'files', or "
                "put it there"
            )
        return found

    def _read_table(self, table: str, files: Sequence[Path]) -> None:
        columns: list[str] = []
        values: dict[str, list[Any]] = {}
        for path in files:
            here, rows = read_table(path)
            if columns and set(here) != set(columns):
                raise Refused(
                    f"{path} line 1: columns {', '.join(here)}; expected those of {files[0].name}, "
                    f"{', '.join(columns)}: they are parts of one table"
                )
            columns = columns or here
            values = values or {name: [] for name in columns}
            for row in self._whole(table, path, rows):
                for name in columns:
                    values[name].append(row[name] or None)
        self._tables[table] = values

    def _whole(self, table: str, path: Path, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows that fit the header; ``Refused`` when the last one does not: the file is cut short."""
        broken: dict[str, Any] | None = None
        for row in rows:
            if broken:
                self.broken.setdefault(table, []).append(broken)
            broken = row if row[PROBLEM] else None
            if not broken:
                yield row
        if broken:
            raise Refused(
                f"{path} line {broken[LINE]}: {broken[PROBLEM]}, and the file ends there. Is it cut short? "
                "Fetch it again"
            )

    def _read_logs(self, files: Sequence[Path]) -> None:
        traces, events = _Rows(), _Rows()
        number = 0
        for path in files:
            for trace in read_log(path):
                number += 1
                traces.add({TRACE: number, FILE: path.name, **trace.attributes})
                for position, event in enumerate(trace.events, 1):
                    events.add({TRACE: number, EVENT: position, **event})
        self._tables = {TRACES: traces.columns, EVENTS: events.columns}


class _Rows:
    """Rows whose columns are only known at the end."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {}
        self._count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            if name not in self.columns:
                self.columns[name] = [None] * self._count
            self.columns[name].append(value)
        self._count += 1
        for values in self.columns.values():
            if len(values) < self._count:
                values.append(None)


def _ends_its_last_line(path: Path) -> bool:
    """Whether the file's last byte ends a line, as a file that was written whole usually does."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        last = b"\n"
        while block := file.read(1 << 16):
            last = block[-1:]
    return last in (b"\n", b"\r")
