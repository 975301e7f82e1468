"""Reads a CSV file, plain or gzipped, row by row: UTF-8, a header line, commas.

A file → its columns → rows of text, each with its ``_file``, ``_line`` and ``_problem`` (empty when it is
whole). What makes the whole file unreadable is ``Refused`` with file and line; one ragged row is not. Guesses
no encoding, no delimiter and no types.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, cast

from connectors.errors import Refused
from connectors.protocol import Row

FILE, LINE, PROBLEM = "_file", "_line", "_problem"

# A quote that is never closed swallows the rest of the file into one field: this stops it early.
FIELD_CHARACTERS = 1_000_000


def read_table(path: Path) -> tuple[list[str], Iterator[Row]]:
    """The file's columns and its rows; raises ``Refused`` here for the header, later for what follows."""
    with closing(_records(path)) as records:
        line, columns = next(records, (1, []))
    columns = [name.strip() for name in columns]
    if not any(columns):
        raise Refused(f"{path} line 1: no header; expected a line with the names of the columns")
    for position, name in enumerate(columns, 1):
        if not name or columns.count(name) > 1 or name in (FILE, LINE, PROBLEM):
            raise Refused(
                f"{path} line {line}: column {position} is named {name!r}; expected a name of its own, "
                "other than _file, _line and _problem"
            )
    return columns, _rows(path, columns)


def open_bytes(path: Path) -> IO[bytes]:
    """The file's contents, unpacked when its name ends in ``.gz``; ``Refused`` when it cannot be opened."""
    try:
        return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}; expected a file that can be read") from None


def _rows(path: Path, columns: list[str]) -> Iterator[Row]:
    with closing(_records(path)) as records:
        next(records, None)
        for line, fields in records:
            if not fields:
                continue
            values = fields + [""] * (len(columns) - len(fields))
            row: Row = dict(zip(columns, values, strict=False))
            problem = ""
            if len(fields) != len(columns):
                problem = (
                    f"{path.name} line {line}: {len(fields)} fields; expected {len(columns)}, as its header"
                )
            yield {**row, FILE: path.name, LINE: line, PROBLEM: problem}


def _records(path: Path) -> Generator[tuple[int, list[str]]]:
    """Line number where a record starts, and its fields."""
    csv.field_size_limit(FIELD_CHARACTERS)
    with open_bytes(path) as file:
        reader = csv.reader(_lines(path, file), strict=True)
        while True:
            start = reader.line_num + 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Refused(
                    f"{path} line {start}: {error}; expected comma-separated fields with every quote closed "
                    "and doubled inside. Is the file cut short?"
                ) from None
            yield start, fields


def _lines(path: Path, file: IO[bytes]) -> Iterator[str]:
    number = 0
    try:
        for raw in file:
            number += 1
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            f"{path} line {number}: byte {error.object[error.start]:#04x} at {error.start + 1} is not UTF-8; "
            "expected UTF-8. Save the file in that encoding."
        ) from None
    except (EOFError, OSError, zlib.error) as error:
        raise Refused(
            f"{path} after line {number}: {error}; expected a whole file. Fetch it again."
        ) from None
