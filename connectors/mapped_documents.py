"""Staged heads and lines put together: one row a record of the source, with every fault it has.

staged tables → documents → rows with ``import_key`` (unique, even where a record's key repeats), ``faults``
(rule and reason) and ``repeats`` (the same record came before). What cannot become a row of the stream, a
line without head or a broken line of a file, becomes a row that holds nothing but its fault. Judges only what
the source says; the stores' own constraints are the stores'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import models
from connectors import mapped_lines
from connectors.csv_source import FILE, LINE, PROBLEM
from connectors.errors import Refused
from connectors.mapped_rows import Fault, typed
from connectors.mapped_stage import NTH, NUMBER, VERSIONS, Stage, Staged
from connectors.mapped_values import quoted
from connectors.mapping import Document, SourceMapping
from connectors.near import near
from connectors.protocol import LINES, Row

KEY, FAULTS, REPEATS = "import_key", "faults", "repeats"
REPEATED_KEY = "repeated_key"
_REPEATED = "{key} comes more than once with different contents, none of which is taken; expected one"
_ORPHANS = "{stream} {head}: {lines} lines without their head; expected it in the source: correct it there"
_Values = dict[str, Any]


class Documents:
    """The documents of every stream of a stage."""

    def __init__(self, mapping: SourceMapping, stage: Stage, zone: ZoneInfo) -> None:
        self.stage = stage
        self._zone = zone
        self._where = mapping.where
        self._documents = {document.stream: document for document in mapping.documents}
        self._known: dict[str, list[str]] = {}
        self._uneven = {stream: mapped_lines.unequal(stage, each) for stream, each in self._documents.items()}
        self._loose = {stream: self._orphans(each) for stream, each in self._documents.items()}

    def put_broken(self, broken: Mapping[str, Sequence[_Values]]) -> None:
        """Give the broken rows of a file to the streams that its table feeds; ``Refused`` when none is."""
        for table, rows in broken.items():
            fed = [d for d in self._documents.values() if d.head.source.strip().lower() == table.lower()]
            if not fed:
                raise Refused(
                    f"{rows[0][PROBLEM]}. {table} only feeds parts of records, which would then be "
                    "incomplete: correct the file"
                )
            for document in fed:
                self._loose[document.stream] += [
                    self._nothing(
                        document, f"{row[FILE]} line {row[LINE]}", Fault("row_is_whole", row[PROBLEM])
                    )
                    for row in rows
                ]

    def count(self, stream: str) -> int:
        """How many rows the stream has."""
        return self.stage.count(f"select count(*) from {self.stage.heads[stream].name}") + len(
            self._loose[stream]
        )

    def pages(self, stream: str, size: int) -> Iterator[list[Row]]:
        """All rows, the loose ones last, at most ``size`` a page."""
        head, start = self.stage.heads[stream], 1
        query = f'select * from {head.name} where "{NUMBER}" between ? and ? order by "{NUMBER}"'
        while heads := self.stage.rows(query, start, start + size - 1):
            yield self._rows(stream, heads)
            start += size
        loose = self._loose[stream]
        for first in range(0, len(loose), size):
            yield loose[first : first + size]

    def fetch(self, stream: str, keys: Collection[str]) -> list[Row]:
        """The rows with these import keys."""
        head = self.stage.heads[stream]
        found = f"{self._import_key(stream)} in (select unnest(?))"
        query = f'select * from {head.name} where {found} order by "{NUMBER}"'
        heads = self.stage.rows(query, list(keys))
        return self._rows(stream, heads) + [row for row in self._loose[stream] if row[KEY] in keys]

    def _import_key(self, stream: str) -> str:
        key = quoted(self._documents[stream].key)
        return f"""{key}::varchar || case when "{NTH}" > 1 then '#' || "{NTH}" else '' end"""

    def _rows(self, stream: str, heads: Sequence[_Values]) -> list[Row]:
        if not heads:
            return []
        document, table = self._documents[stream], models.stream_table(stream)
        lines = self._lines(document, [head[NUMBER] for head in heads])
        rows = []
        for head in heads:
            staged = self.stage.heads[stream]
            key = head[document.key]
            repeated = head[VERSIONS] > 1 or key in self._uneven[stream]
            row, faults = self._judged(staged, table, head, repeated=repeated)
            row[KEY] = None if key is None else f"{key}#{head[NTH]}" if head[NTH] > 1 else str(key)
            row[REPEATS] = head[NTH] > 1 and not repeated
            if document.lines is not None:
                row[LINES] = [line for line, _ in lines[head[NUMBER]]]
                faults += [fault for _, found in lines[head[NUMBER]] for fault in found]
            row[FAULTS] = list(dict.fromkeys(faults))
            rows.append(row)
        return rows

    def _lines(self, document: Document, numbers: Sequence[int]) -> dict[int, list[tuple[Row, list[Fault]]]]:
        found: dict[int, list[tuple[Row, list[Fault]]]] = defaultdict(list)
        if document.lines is None:
            return found
        staged, table = self.stage.lines[document.stream], models.stream_table(document.lines.stream)
        for values in mapped_lines.of_heads(self.stage, document, numbers):
            judged = self._judged(staged, table, values, repeated=values[VERSIONS] > 1)
            found[values[mapped_lines.HEAD]].append(judged)
        return found

    def _judged(
        self, staged: Staged, table: sa.Table, values: _Values, *, repeated: bool
    ) -> tuple[Row, list[Fault]]:
        """The typed row, and its faults, each with the record's name and what to do."""
        (key,) = (column.name for column in table.primary_key.columns)
        row, misfits = typed(staged.part, table, values, self._zone)
        faults = [Fault(REPEATED_KEY, _REPEATED.format(key=key))] if repeated else []
        for mark, guard in staged.guards.items():
            value = values[mark]
            if value is not None and not guard.kept:
                came = f"came {value!r}" if value else "came empty"
                reason = f"{guard.name} {came}; expected {guard.expected}{self._close(guard.known, value)}"
                faults.append(Fault(guard.rule, reason, guard.name))
        # What did not convert is also empty: one word about it is enough.
        faults += [fault for fault in misfits if fault.name not in {each.name for each in faults}]
        do = f"correct it in the source, or declare it in {self._where}"
        name = f"{staged.part.stream} {values[key]}"
        return row, [Fault(each.rule, f"{name}: {each.reason}: {do}") for each in faults]

    def _close(self, known: str, value: str) -> str:
        if not known or not value:
            return ""
        if known not in self._known:
            names = self.stage.connection.execute(known).fetchall()
            self._known[known] = [str(name) for (name,) in names]
        close = near(value, self._known[known])
        return f"; close to {', '.join(map(repr, close))}" if close else ""

    def _orphans(self, document: Document) -> list[Row]:
        found = mapped_lines.orphans(self.stage, document)
        rule = "lines_without_head"
        return [
            self._nothing(
                document, key, Fault(rule, _ORPHANS.format(stream=document.stream, head=key, lines=n))
            )
            for key, n in found.items()
        ]

    def _nothing(self, document: Document, key: str | None, fault: Fault) -> Row:
        columns = document.head.columns or {name for row in document.head.rows for name in row}
        lines: Row = {LINES: []} if document.lines is not None else {}
        return {**dict.fromkeys(columns), **lines, KEY: key, REPEATS: False, FAULTS: [fault]}
