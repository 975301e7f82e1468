"""Files that arrive in a folder are read as rows, each version of a file once."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.errors import Misconfigured, Refused, Unreachable
from connectors.protocol import Connector, Read, Write
from connectors.registry import connect
from tests.connectors.contract import ReadContract, read_all

LEADS = Read("files.leads")


@dataclass
class Inbox:
    """Lead files that someone drops into the folder."""

    connector: Connector
    folder: Path
    stream: str = "files.leads"
    last: int = 0

    def put(self, rows: int) -> None:
        lines = [f"X-{number:05},Company {number}" for number in range(self.last + 1, self.last + rows + 1)]
        self.last += rows
        text = "\n".join(["external_key,company_name", *lines])
        (self.folder / f"leads-{self.last:05}.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def files(tmp_path: Path) -> Connector:
    return connect("files", str(tmp_path))


class TestContract(ReadContract):
    """A folder keeps what every connector must keep."""

    @pytest.fixture
    def subject(self, files: Connector, tmp_path: Path) -> Inbox:
        return Inbox(files, tmp_path)


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    files = connect("files", str(tmp_path / "later"))
    window = files.open_window(LEADS, None)
    assert (window.count, list(files.pages(LEADS, window, 10))) == (0, [])


def test_rows_come_by_file_and_line_with_their_place_and_key(files: Connector, tmp_path: Path) -> None:
    (tmp_path / "leads-b.csv").write_text("external_key,company_name\nX-2,B\n,no key\n")
    with gzip.open(tmp_path / "leads-a.csv.gz", "wt") as file:
        file.write("company_name,external_key\nA,X-1\n")
    (tmp_path / "orders.csv").write_text("order_no\n1\n")
    (tmp_path / "leads.csv.part").write_text("not yet there\n")
    window = files.open_window(LEADS, None)
    assert read_all(files, LEADS, window, size=2) == [
        {
            "company_name": "A",
            "external_key": "X-1",
            "_file": "leads-a.csv.gz",
            "_line": 2,
            "_problem": "",
            "_key": "X-1",
        },
        {
            "external_key": "X-2",
            "company_name": "B",
            "_file": "leads-b.csv",
            "_line": 2,
            "_problem": "",
            "_key": "X-2",
        },
        {
            "external_key": "",
            "company_name": "no key",
            "_file": "leads-b.csv",
            "_line": 3,
            "_problem": "",
            "_key": "leads-b.csv:3",
        },
    ]


def test_only_files_that_are_new_or_changed_are_read(files: Connector, tmp_path: Path) -> None:
    for name in ("leads-1.csv", "leads-2.csv"):
        (tmp_path / name).write_text(f"external_key\n{name}\n")
    first = files.open_window(LEADS, None)
    (tmp_path / "leads-2.csv").write_text("external_key\nchanged\n")
    (tmp_path / "leads-3.csv").write_text("external_key\nnew\n")
    second = files.open_window(LEADS, first.until)
    assert [row["external_key"] for row in read_all(files, LEADS, second)] == ["changed", "new"]


def test_a_file_that_changes_while_it_is_read_stops_the_run(files: Connector, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("external_key\nX-1\n")
    window = files.open_window(LEADS, None)
    (tmp_path / "leads.csv").write_text("external_key\nX-1\nX-2\n")
    with pytest.raises(Unreachable, match=r"leads\.csv changed"):
        list(files.pages(LEADS, window, 10))


def test_where_chooses_rows(files: Connector, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("external_key,country\nX-1,ES\nX-2,DE\nX-3,FR\n")
    read = Read("files.leads", where={"country": ("ES", "FR")})
    window = files.open_window(read, None)
    assert [row["_key"] for row in read_all(files, read, window)] == ["X-1", "X-3"]
    assert window.count == 2


def test_a_key_fits_where_keys_are_kept(files: Connector, tmp_path: Path) -> None:
    name = f"leads-{'x' * 80}.csv"
    (tmp_path / name).write_text(f"external_key\n{'k' * 65}\n{'k' * 66}\n")
    rows = read_all(files, LEADS, files.open_window(LEADS, None))
    assert [len(row["_key"]) for row in rows] == [64, 64]
    assert [row["_key"][-6:] for row in rows] == [".csv:2", ".csv:3"]


def test_what_files_cannot_do_is_said(files: Connector, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="read only"):
        files.write(Write("files.leads", "external_key"), [])
    with pytest.raises(Misconfigured, match="no lines"):
        files.open_window(Read("files.leads", lines="files.lead_lines"), None)
    with pytest.raises(Misconfigured, match=r"'files\.\.\./etc'"):
        files.open_window(Read("files.../etc"), None)
    with pytest.raises(Misconfigured, match=r"'crm\.leads'"):
        files.lookup("crm.leads", "lead_no", None)
    with pytest.raises(Misconfigured, match="files: its address is empty"):
        connect("files", "")
    with pytest.raises(Refused, match="stored position"):
        files.open_window(LEADS, '["leads.csv"]')
    (tmp_path / "a_file").write_text("")
    with pytest.raises(Refused, match="expected a folder"):
        connect("files", str(tmp_path / "a_file")).open_window(LEADS, None)
