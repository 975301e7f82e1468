"""Reads a mapping file: text → YAML → declarations, with every fault named at once.

Knows the words of the file and the streams they speak about; looks at no source and runs no SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

import models
from connectors.errors import Misconfigured
from connectors.mapping import HALF_EVEN, SOURCES, Document, Part, Reference, SourceMapping
from connectors.mapping_words import Words
from connectors.near import did_you_mean

_TOP = ("name", "doc", "source", "files", "corrections", "lookups", "views", "streams", "checks")
_PART = ("from", "where", "columns", "references", "tell", "rows")
_REFERENCE = ("value", "in", "empty", "unknown", "say")
_FATES = ("keep", "quarantine")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,23}$")


def read_mapping(path: Path) -> str:
    """The file's text; ``Misconfigured`` when there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Misconfigured(f"no mapping file {path}; examples are under examples/") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"mapping file {path} cannot be read as UTF-8 text: {error}") from None


def parse_mapping(text: str, *, where: str) -> SourceMapping:
    """The mapping that ``text`` declares; ``where`` names it in messages."""
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Misconfigured(f"{where} is no YAML: {' '.join(str(error).split())}") from None
    reader = _Reader(where)
    mapping = reader.mapping(given)
    if reader.faults or mapping is None:
        raise Misconfigured("\n".join(reader.faults))
    return mapping


class _Reader(Words):
    """Makes declarations of what the file holds."""

    def mapping(self, given: Any) -> SourceMapping | None:
        top = self.table("", given, words=_TOP)
        name, source = top.get("name"), top.get("source")
        if not isinstance(name, str) or not _NAME.match(name):
            self.wrong("name", f"came {name!r}; expected a short lower-case word such as northwind")
        if source not in SOURCES:
            self.wrong("source", f"came {source!r}; expected {', '.join(SOURCES)}")
        streams = self.table("streams", top.get("streams"))
        if not streams:
            self.wrong("streams", "there are none; expected at least one stream with its columns")
        documents = [self.document(str(stream), part) for stream, part in streams.items()]
        checks = self.table("checks", top.get("checks"))
        for stream in checks:
            if stream not in streams:
                self.wrong("checks", f"{stream!r} is no stream of this file{did_you_mean(stream, streams)}")
        if self.faults:
            return None
        return SourceMapping(
            name=str(name),
            where=self.where,
            source=str(source),
            documents=tuple(document for document in documents if document),
            doc=str(top.get("doc") or ""),
            files=self.files(top.get("files"), str(source)),
            corrections=self.corrections(top.get("corrections")),
            lookups={k: self.texts(f"lookups.{k}", v) for k, v in self.table("", top.get("lookups")).items()},
            views=self.texts("views", top.get("views")),
            checks=yaml.safe_dump(checks, sort_keys=False) if checks else "",
        )

    def document(self, stream: str, given: Any) -> Document | None:
        place = f"streams.{stream}"
        if stream not in models.streams():
            self.wrong(place, f"there is no such stream{did_you_mean(stream, models.streams())}")
            return None
        body = self.table(place, given, words=(*_PART, "lines"))
        lines = None
        if body.get("lines") is not None:
            line_body = self.table(f"{place}.lines", body["lines"], words=("stream", *_PART))
            lines = self.lines(stream, line_body)
        table = models.stream_table(stream)
        return Document(self.part(place, stream, body), key=_key(table), lines=lines)

    def lines(self, stream: str, body: Mapping[str, Any]) -> Part | None:
        place, name = f"streams.{stream}.lines", str(body.get("stream"))
        system, _, header = stream.partition(".")
        tables = models.SYSTEMS[system].tables.values()
        allowed = [f"{system}.{table.name}" for table in tables if table.info.get("header") == header]
        if name not in allowed:
            expected = f"expected {' or '.join(allowed)}" if allowed else f"{stream} has no lines"
            self.wrong(place, f"stream came {name!r}; {expected}")
            return None
        return self.part(place, name, body)

    def part(self, place: str, stream: str, body: Mapping[str, Any]) -> Part:
        columns: dict[str, str] = {}
        rounded = set()
        for name, given in self.table(f"{place}.columns", body.get("columns")).items():
            spec = given if isinstance(given, dict) else {"sql": given}
            self.table(f"{place}.{name}", spec, words=("sql", "round"))
            columns[name] = str(spec.get("sql"))
            if "round" in spec:
                rounded.add(name)
                if spec["round"] != HALF_EVEN:
                    self.wrong(f"{place}.{name}", f"round came {spec['round']!r}; expected {HALF_EVEN}")
        rows = body.get("rows") or []
        if bool(rows) == bool(columns) or bool(columns) != bool(body.get("from")):
            self.wrong(place, "expected 'from' and 'columns', or 'rows'")
        given_rows = [self.table(f"{place}.rows", row) for row in rows]
        for names in given_rows or [columns]:
            self.columns(place, models.stream_table(stream), names)
        return Part(
            stream=stream,
            source=str(body.get("from") or ""),
            where=str(body.get("where") or ""),
            columns=columns,
            rounded=frozenset(rounded),
            references=tuple(self.references(place, body.get("references"))),
            tell=self.texts(f"{place}.tell", body.get("tell")),
            rows=tuple(given_rows),
        )

    def columns(self, place: str, table: sa.Table, names: Iterable[str]) -> None:
        """Every column named is one of the stream's, and none that it needs is missing."""
        named = set(names)
        for name in sorted(named - set(table.columns.keys())):
            self.wrong(place, f"the stream has no column {name!r}{did_you_mean(name, table.columns.keys())}")
        for column in table.columns:
            needed = not column.nullable and column.server_default is None
            if needed and column.name not in named:
                self.wrong(place, f"{column.name} is missing ({column.comment}); say where it comes from")

    def references(self, place: str, given: Any) -> Iterable[Reference]:
        for name, body in self.table(f"{place}.references", given).items():
            spot = f"{place}.references.{name}"
            body = self.table(spot, body, words=_REFERENCE)  # noqa: PLW2901 (the same thing, checked)
            table, _, column = str(body.get("in", "")).rpartition(".")
            if not table:
                self.wrong(spot, f"'in' came {body.get('in')!r}; expected table.column of the source")
            fates = {word: str(body.get(word, "quarantine")) for word in ("empty", "unknown")}
            for word, fate in fates.items():
                if fate not in _FATES:
                    self.wrong(spot, f"{word} came {fate!r}; expected {' or '.join(_FATES)}")
            if "keep" in fates.values() and not body.get("say"):
                self.wrong(spot, "rows are kept: 'say' what the summary shall tell about them")
            value, say = str(body.get("value", name)), str(body.get("say") or "")
            yield Reference(name, value, table, column, say=say, **fates)

    def corrections(self, given: Any) -> dict[tuple[str, str], dict[str, str]]:
        found = {}
        for name, pairs in self.table("corrections", given).items():
            table, _, column = str(name).rpartition(".")
            if not table:
                self.wrong("corrections", f"came {name!r}; expected table.column")
            found[table, column] = self.texts(f"corrections.{name}", pairs)
        return found

    def files(self, given: Any, source: str) -> dict[str, str]:
        return {"": given} if source == "xes" and isinstance(given, str) else self.texts("files", given)


def _key(table: sa.Table) -> str:
    (column,) = table.primary_key.columns
    return column.name
