"""CSV as people save it: read whole, or refused with the place and what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from connectors.csv_source import read_table
from connectors.errors import Refused


def written(folder: Path, content: str | bytes, *, name: str = "table.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_table_is_its_columns_and_rows_of_text(tmp_path: Path, ending: str, mark: str) -> None:
    text = ending.join([f"{mark}key, name ,amount", "1,Ñandú 🦤,007", '2,"said ""hi"", twice",', ""])
    columns, rows = read_table(written(tmp_path, text))
    assert columns == ["key", "name", "amount"]
    assert [(row["key"], row["name"], row["amount"], row["_line"]) for row in rows] == [
        ("1", "Ñandú 🦤", "007", 2),
        ("2", 'said "hi", twice', "", 3),
    ]


def test_lines_are_the_files_own_also_after_line_breaks_in_fields_and_blank_lines(tmp_path: Path) -> None:
    _, rows = read_table(written(tmp_path, 'key,note\n1,"two\nlines"\n\n2,x\n'))
    assert [(row["key"], row["_line"], row["_file"]) for row in rows] == [
        ("1", 2, "table.csv"),
        ("2", 5, "table.csv"),
    ]


def test_a_ragged_row_says_so_and_the_others_are_whole(tmp_path: Path) -> None:
    _, rows = read_table(written(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n"))
    assert [(row["a"], row["c"], row["_problem"]) for row in rows] == [
        ("1", "3", ""),
        ("1", "", "table.csv line 3: 2 fields; expected 3, as its header"),
        ("1", "3", "table.csv line 4: 4 fields; expected 3, as its header"),
        ("4", "6", ""),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: no header"),
        ("\n1,2\n", "line 1: no header"),
        ("a,,c\n1,2,3\n", "column 2 is named ''"),
        ("a,b,a\n1,2,3\n", "column 1 is named 'a'"),
        ("a,_line\n1,2\n", "column 2 is named '_line'"),
        ('a,b\n1,2\n3,"never closed\n4,5\n', r"line 3: unexpected end of data.*cut short"),
        ('a,b\n1,2\n3,"x"y\n4,5\n', r"line 3: .*expected after"),
        ("a,b\n1,2\n3,Espa\u00f1a\n".encode("latin-1"), r"line 3: byte 0xf1 at 7 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), r"line 1: byte 0xff at 1 is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(Refused, match=message) as raised:
        list(read_table(path)[1])
    assert str(path) in str(raised.value)


def test_a_gzip_that_is_cut_short_is_refused_after_its_last_whole_line(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(50_000)))
    path = written(tmp_path, packed[: len(packed) // 2], name="table.csv.gz")
    with pytest.raises(Refused, match=r"after line \d+.*expected a whole file"):
        list(read_table(path)[1])
    with pytest.raises(Refused, match="expected a whole file"):
        read_table(written(tmp_path, "a,b\n1,2\n", name="plain.csv.gz"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        read_table(tmp_path / "nothing.csv")
