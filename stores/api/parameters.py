"""The parameters of a read: what may be asked of a stream, and what came instead.

Query text → instants, limits, places and the values of columns; a 422 names the parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stores.api.ask import Ask
from stores.api.cursor import Place, place_of
from stores.api.problems import one_invalid
from stores.api.store import Stream
from stores.api.values import instant, parse_text

PAGE, PAGE_MOST = 100, 1000
OURS = ("changed_since", "until", "limit", "page_token", "lines", "deletes", "key", "in", "value")


def check_names(ask: Ask, stream: Stream) -> None:
    """A 422 for a parameter that there is not: a filter that is misspelt must not give all rows."""
    columns = [*stream.table.c.keys()]
    known = {*OURS, *columns, *(f"{name}.null" for name in columns)}
    for name, _ in ask.query:
        if name not in known:
            reason = f"is no parameter and no column of {stream.name}"
            raise one_invalid(name[:80], reason, rule="unknown_parameter")


def where_of(ask: Ask, stream: Stream) -> dict[str, list[Any]]:
    where: dict[str, list[Any]] = {}
    for name, text in ask.query:
        column = name.removesuffix(".null")
        if name in OURS or column not in stream.table.c:
            continue
        if name.endswith(".null"):
            if text != "true":
                raise one_invalid(name, f"came as {text[:40]!r}; expected true", rule="boolean")
            where.setdefault(column, []).append(None)
        else:
            where.setdefault(column, []).extend(values_of(stream, column, [(name, text)]))
    return where


def values_of(stream: Stream, column: str, came: Sequence[tuple[str, str]]) -> list[Any]:
    values = []
    for name, text in came:
        try:
            values.append(parse_text(stream.table.c[column], text))
        except ValueError as error:
            raise one_invalid(name, f"came as {text[:40]!r}: {error}", rule=f"value:{column}") from None
    return values


def instant_of(ask: Ask, name: str) -> Any:
    if not ask.all(name):
        return None
    try:
        return instant(ask.one(name))
    except ValueError as error:
        raise one_invalid(name, f"came as {ask.one(name)[:40]!r}: {error}", rule="instant") from None


def limit_of(ask: Ask) -> int:
    came = ask.one("limit", str(PAGE))
    if not (came.isascii() and came.isdigit()) or not 0 <= int(came[:6]) <= PAGE_MOST or len(came) > 6:
        raise one_invalid(
            "limit", f"came as {came[:40]!r}; expected a whole number up to {PAGE_MOST}", rule="limit"
        )
    return int(came)


def place_asked(ask: Ask) -> Place | None:
    token = ask.one("page_token")
    sqlite = ask.store.engine.dialect.name == "sqlite"
    return place_of(token, ask.query, texts=sqlite) if token else None
