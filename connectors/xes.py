"""Reads an event log in XES (IEEE 1849), plain or gzipped, a trace at a time.

A log file → traces with typed attributes and their events in file order. Memory stays bounded whatever the
size; nothing is fetched, no document type or entity is followed. Gives process data no meaning.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from connectors.csv_source import open_bytes
from connectors.errors import Refused


class Trace(NamedTuple):
    """One case: its attributes, and its events' attributes in file order.

    Values are ``str``, aware UTC ``datetime``, ``int``, ``Decimal`` (XES float), ``bool``, and for XES lists
    and containers a ``list`` of values or a ``dict``.
    """

    attributes: dict[str, Any]
    events: list[dict[str, Any]]


def read_log(path: Path) -> Iterator[Trace]:
    """The log's traces; ``Refused`` with file and line when it is cut short, no XES, or holds a bad value."""
    seen, line = 0, 1
    with open_bytes(path) as file:
        try:
            for element in _elements(path, file):
                line = element.sourceline or line
                yield _trace(path, element)
                seen += 1
        except etree.XMLSyntaxError as error:
            raise Refused(
                f"{path} line {error.lineno}, after {seen} traces: {error.msg}; expected a whole XES log. "
                "Is the file cut short? Fetch it again."
            ) from None
        except (EOFError, OSError, zlib.error) as error:
            raise Refused(
                f"{path} after line {line}, {seen} traces: {error}; expected a whole file. Fetch it again."
            ) from None


def _elements(path: Path, file: Any) -> Iterator[Any]:
    """Every trace element; what was read is forgotten, or a long log would stay in memory whole."""
    root = None
    parser = etree.iterparse(
        file, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    for step, element in parser:
        if root is None:
            root = element
            _check_root(path, root)
        if step == "end" and element.getparent() is root:
            name = _name(element)
            if name == "trace":
                yield element
            elif name == "event":
                raise Refused(f"{path} line {element.sourceline}: an event outside a trace; expected traces")
            element.clear()
            while element.getprevious() is not None:
                del root[0]


def _check_root(path: Path, root: Any) -> None:
    if root.getroottree().docinfo.doctype:
        raise Refused(f"{path}: it brings a document type; expected an XES log, which needs none")
    if _name(root) != "log":
        raise Refused(f"{path} line {root.sourceline}: it begins with <{_name(root)}>; expected an XES <log>")


def _trace(path: Path, element: Any) -> Trace:
    events = [_attributes(path, child) for child in element if _name(child) == "event"]
    return Trace(_attributes(path, element), events)


def _attributes(path: Path, element: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        key = child.get("key")
        if key is None:
            continue
        value = _value(path, child)
        if found.setdefault(key, value) != value:
            raise Refused(
                f"{path} line {child.sourceline}: {key!r} came twice, as {found[key]!r} and {value!r}; "
                "expected each key once"
            )
    return found


def _value(path: Path, element: Any) -> Any:
    kind, text = _name(element), element.get("value")
    if kind == "list":
        holder = next((child for child in element if _name(child) == "values"), element)
        return [_value(path, child) for child in holder if child.get("key") is not None]
    if kind == "container":
        return _attributes(path, element)
    try:
        return _TYPES[kind](text)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise Refused(
            f"{path} line {element.sourceline}: {element.get('key')!r} is a {kind} with the value {text!r}; "
            f"expected one of {', '.join(_TYPES)} with a value of that kind (a date with its time zone)"
        ) from None


def _date(text: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no time zone")
    return instant.astimezone(dt.UTC)


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text]


def _text(text: str | None) -> str:
    if text is None:
        raise ValueError("no value")
    return text


def _name(element: Any) -> str:
    # Comments and processing instructions have no name.
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


_TYPES: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "date": _date,
    "int": int,
    "float": Decimal,
    "boolean": _boolean,
    "id": _text,
}
