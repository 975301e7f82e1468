"""Database connectors that misbehave as real ones do: rows lost or given twice, a crash between two pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.protocol import Connector, Read, Row, Window
from connectors.registry import connect
from connectors.sql import SqlConnector
from tests.promises.world_company import Connect

Spoil = Callable[[Iterator[list[Row]]], Iterator[list[Row]]]


class Spoiled(SqlConnector):
    """A connector whose pages go through somebody's hands."""

    spoil: Spoil

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        yield from self.spoil(super().pages(read, window, size))


def spoiled(system: str, spoil: Spoil) -> Connect:
    """Connectors of which this system's pages are spoiled."""

    def made(name: str, url: str) -> Connector:
        if name != system:
            return connect(name, url)
        connector = Spoiled(name, url)
        connector.spoil = spoil
        return connector

    return made


def crash_before(page: int) -> Spoil:
    """Pages that end in a crash when this many were given; none left: when all are read."""

    def pages(given: Iterator[list[Row]]) -> Iterator[list[Row]]:
        for number, rows in enumerate(given):
            if number == page:
                raise KeyboardInterrupt
            yield rows
        raise KeyboardInterrupt

    return pages


def between(act: Callable[[int], None]) -> Spoil:
    """Pages after each of which something is done, told the page's number."""

    def pages(given: Iterator[list[Row]]) -> Iterator[list[Row]]:
        for number, rows in enumerate(given):
            yield rows
            act(number)

    return pages


def without(*keys: str) -> Spoil:
    """Pages that lack these rows."""

    def pages(given: Iterator[list[Row]]) -> Iterator[list[Row]]:
        for rows in given:
            yield [row for row in rows if row["account_no"] not in keys]

    return pages


def without_last_page(given: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """Pages of a loop that forgets the last one."""
    before: list[Row] | None = None
    for rows in given:
        if before is not None:
            yield before
        before = rows


def first_page_twice(given: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """Pages of a loop that asks for the first one twice."""
    for number, rows in enumerate(given):
        yield rows
        if number == 0:
            yield rows
