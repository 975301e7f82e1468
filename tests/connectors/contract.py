"""What every connector that can be read must keep; a test class of each inherits it.

The subclass gives a fixture ``subject``: a stream that starts empty, and a way to put rows into its system.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from connectors.errors import Unreachable
from connectors.protocol import Connector, Read, Row, Window


class Subject(Protocol):
    """A stream of a system that a test fills behind the connector's back."""

    connector: Connector
    stream: str

    def put(self, rows: int) -> None:
        """Have ``rows`` rows more in the stream."""


def read_all(connector: Connector, read: Read, window: Window, *, size: int = 10) -> list[Row]:
    """All rows of the window."""
    return [row for page in connector.pages(read, window, size) for row in page]


class ReadContract:
    """Whatever stands behind the connector, this is how it reads."""

    def test_an_empty_stream_is_an_empty_window(self, subject: Subject) -> None:
        read = Read(subject.stream)
        window = subject.connector.open_window(read, None)
        assert window.count == 0
        assert list(subject.connector.pages(read, window, 10)) == []

    @pytest.mark.parametrize(
        ("rows", "sizes"), [(1, [1]), (7, [7]), (10, [10]), (20, [10, 10]), (21, [10, 10, 1])]
    )
    def test_pages_hold_every_row_once(self, subject: Subject, rows: int, sizes: list[int]) -> None:
        subject.put(rows)
        read = Read(subject.stream)
        window = subject.connector.open_window(read, None)
        pages = list(subject.connector.pages(read, window, 10))
        key = subject.connector.key_column(subject.stream)
        assert window.count == rows
        assert [len(page) for page in pages] == sizes
        assert len({row[key] for page in pages for row in page}) == rows

    def test_reading_again_from_where_it_ended_gives_nothing(self, subject: Subject) -> None:
        subject.put(3)
        read = Read(subject.stream)
        first = subject.connector.open_window(read, None)
        again = subject.connector.open_window(read, first.until)
        assert again.count == 0
        assert read_all(subject.connector, read, again) == []

    def test_a_window_is_the_same_however_often_it_is_read(self, subject: Subject) -> None:
        subject.put(12)
        read = Read(subject.stream)
        window = subject.connector.open_window(read, None)
        once = read_all(subject.connector, read, window, size=5)
        assert read_all(subject.connector, read, window, size=7) == once
        assert subject.connector.bounds(read, window) == (12, 12)

    def test_a_whole_reading_is_within_its_bounds(self, subject: Subject) -> None:
        subject.put(12)
        read = Read(subject.stream)
        window = subject.connector.open_window(read, None)
        subject.put(3)
        try:
            rows = read_all(subject.connector, read, window, size=5)
        except Unreachable:
            return  # what it reads is another whole by now: the run is tried again
        least, most = subject.connector.bounds(read, window)
        assert least <= len(rows) <= most
        assert len(rows) >= 12

    def test_a_window_can_be_let_go_of_at_any_time(self, subject: Subject) -> None:
        subject.put(12)
        read = Read(subject.stream)
        window = subject.connector.open_window(read, None)
        pages = subject.connector.pages(read, window, 5)
        first = next(pages)
        subject.connector.release(window)
        assert len(first) + sum(len(page) for page in pages) == 12
        subject.connector.release(window)
        subject.connector.release(window)

    def test_a_window_is_what_its_positions_say(self, subject: Subject) -> None:
        subject.put(12)
        read = Read(subject.stream)
        window = subject.connector.open_window(read, None)
        copy = Window(window.since, window.until, window.count)
        assert read_all(subject.connector, read, copy) == read_all(subject.connector, read, window)

    def test_a_stream_as_it_was_declared_stops_nothing(self, subject: Subject) -> None:
        subject.put(1)
        assert all(subject.stream in said for said in subject.connector.drift(subject.stream))

    def test_groups_of_keys_hold_what_their_digest_counts(self, subject: Subject) -> None:
        subject.put(3)
        digest = subject.connector.digest(subject.stream)
        if digest is not None:
            keys = {group: subject.connector.keys(subject.stream, group) for group in digest}
            assert {group: len(each) for group, each in keys.items()} == {
                g: n for g, (n, _) in digest.items()
            }
            assert sum(len(each) for each in keys.values()) == 3
            assert all(key[:-3] == group for group, each in keys.items() for key in each)

    def test_rows_that_came_later_are_in_the_next_window(self, subject: Subject) -> None:
        subject.put(3)
        read = Read(subject.stream)
        first = subject.connector.open_window(read, None)
        read_all(subject.connector, read, first)
        subject.put(2)
        key = subject.connector.key_column(subject.stream)
        second = subject.connector.open_window(read, first.until)
        rows = read_all(subject.connector, read, second)
        assert second.count == len(rows) >= 2
        assert len({row[key] for row in rows}) == len(rows)

    def test_rows_are_found_by_their_keys(self, subject: Subject) -> None:
        subject.put(4)
        read = Read(subject.stream)
        rows = read_all(subject.connector, read, subject.connector.open_window(read, None))
        key = subject.connector.key_column(subject.stream)
        wanted = [rows[1], rows[3]]
        keys = [row[key] for row in wanted]
        by_key = sorted(subject.connector.fetch(read, [*keys, "nobody"]), key=lambda row: str(row[key]))
        assert by_key == sorted(wanted, key=lambda row: str(row[key]))
        assert subject.connector.fetch(read, []) == []

    def test_a_lookup_without_values_brings_the_whole_stream(self, subject: Subject) -> None:
        subject.put(4)
        key = subject.connector.key_column(subject.stream)
        rows = subject.connector.lookup(subject.stream, key, None)
        assert len(rows) == 4
        assert subject.connector.lookup(subject.stream, key, [rows[2][key], "nobody"]) == [rows[2]]
        assert subject.connector.lookup(subject.stream, key, []) == []
