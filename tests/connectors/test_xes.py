"""Event logs in XES: typed, trace by trace, and nothing followed that a log could smuggle in."""

from __future__ import annotations

import datetime as dt
import gzip
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import Refused
from connectors.xes import Trace, read_log

REAL = Path(__file__).parents[3] / "shared" / "data" / "bpi2020" / "DomesticDeclarations.xes.gz"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LOG = """<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="default"/></global>
  <string key="creator" value="by hand"/>
  <!-- a comment -->
  <trace>
    <string key="concept:name" value="case &amp; 1"><string key="note" value="nested"/></string>
    <float key="amount" value="26.85120450862128"/>
    <event>
      <string key="concept:name" value="submitted"/>
      <date key="time:timestamp" value="2017-01-09T09:49:50.123+01:00"/>
      <int key="level" value="-3"/><boolean key="urgent" value="true"/><id key="uid" value="e-1"/>
      <list key="tags"><values><string key="t" value="a"/><string key="t" value="b"/></values></list>
      <container key="where"><string key="city" value="Eindhoven"/></container>
    </event>
    <event><date key="time:timestamp" value="2017-01-09T08:49:50Z"/></event>
  </trace>
  <trace/>
</log>"""

MEASURE = """
import pathlib, sys
from connectors.xes import read_log
size = lambda: int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4
log = read_log(pathlib.Path(sys.argv[1]))
next(log)
before = size()
print(1 + sum(1 for _ in log), size() - before)
"""


def written(folder: Path, content: str | bytes, *, name: str = "log.xes") -> Path:
    """A log file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def one_trace(inside: str) -> str:
    """A log of one trace."""
    return f'{HEAD}<log xmlns="http://www.xes-standard.org/">\n<trace>\n{inside}\n</trace></log>'


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("space", ['xmlns="http://www.xes-standard.org/"', ""])
def test_traces_come_with_typed_attributes_and_their_events(tmp_path: Path, packed: bool, space: str) -> None:
    content = (HEAD + LOG.replace('xmlns="http://www.xes-standard.org/"', space)).encode()
    path = (
        written(tmp_path, gzip.compress(content), name="log.xes.gz") if packed else written(tmp_path, content)
    )
    first, second = read_log(path)
    assert first.attributes == {"concept:name": "case & 1", "amount": Decimal("26.85120450862128")}
    assert first.events == [
        {
            "concept:name": "submitted",
            "time:timestamp": dt.datetime(2017, 1, 9, 8, 49, 50, 123000, tzinfo=dt.UTC),
            "level": -3,
            "urgent": True,
            "uid": "e-1",
            "tags": ["a", "b"],
            "where": {"city": "Eindhoven"},
        },
        {"time:timestamp": dt.datetime(2017, 1, 9, 8, 49, 50, tzinfo=dt.UTC)},
    ]
    assert second == Trace({}, [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "after 0 traces"),
        ("name,amount\n1,2\n", "line 1, after 0 traces"),
        (HEAD + LOG[: LOG.index("<trace/>")], "line 19, after 1 traces: .*cut short"),
        (HEAD + LOG[: LOG.index("urgent")], r"line 1[34], after 0 traces"),
        (f"{HEAD}<html><body/></html>", "begins with <html>; expected an XES <log>"),
        (one_trace('<date key="d" value="2017-01-09T09:49:50"/>'), "line 4: 'd' is a date .*time zone"),
        (one_trace('<int key="n" value="7.5"/>'), r"line 4: 'n' is a int with the value '7\.5'"),
        (one_trace('<float key="n" value="much"/>'), "line 4: 'n' is a float"),
        (one_trace('<string key="n"/>'), "line 4: 'n' is a string with the value None"),
        (one_trace('<price key="n" value="1"/>'), "line 4: 'n' is a price"),
        (one_trace('<string key="n" value="1"/>\n<string key="n" value="2"/>'), "line 5: 'n' came twice"),
        (f"{HEAD}<log><event/></log>", "line 2: an event outside a trace"),
        ((HEAD + LOG.replace("by hand", "Ñ")).encode("latin-1"), "line 5, after 0 traces: .*UTF-8|encoding"),
    ],
)
def test_a_log_that_is_not_whole_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(Refused, match=message) as raised:
        list(read_log(path))
    assert str(path) in str(raised.value)


def test_the_same_attribute_said_twice_is_said_once(tmp_path: Path) -> None:
    path = written(tmp_path, one_trace('<int key="n" value="1"/><int key="n" value="01"/>'))
    assert list(read_log(path)) == [Trace({"n": 1}, [])]


def test_a_gzip_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    traces = "".join(f'<trace><string key="concept:name" value="{n * 7919}"/></trace>\n' for n in range(5000))
    packed = gzip.compress(f"{HEAD}<log>\n{traces}</log>".encode())
    path = written(tmp_path, packed[: len(packed) // 2], name="log.xes.gz")
    with pytest.raises(Refused, match=r"log\.xes\.gz after line \d+, \d+ traces"):
        list(read_log(path))


def test_no_entity_is_expanded_and_no_file_is_opened(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", name="secret.txt")
    document_type = f'<!DOCTYPE log [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY b "boom">]>'
    path = written(tmp_path, f'{HEAD}{document_type}<log><trace><string key="n" value="&b;"/></trace></log>')
    with pytest.raises(Refused, match="document type"):
        list(read_log(path))


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="only Linux tells a process's memory this way"
)
def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    event = '<event><string key="concept:name" value="something that happened"/></event>\n'
    trace = f"<trace>\n{event * 20}</trace>\n".encode()
    with gzip.open(tmp_path / "log.xes.gz", "wb", compresslevel=1) as file:
        file.write(b"<log>\n" + trace * 8000 + b"</log>")
    # In a process of its own: what libxml2 keeps is seen from outside alone.
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "log.xes.gz")],
        check=True,
        capture_output=True,
        text=True,
    )
    traces, grown_kib = map(int, measured.stdout.split())
    assert traces == 8000
    assert grown_kib < 20_000


@pytest.mark.skipif(not REAL.exists(), reason="the public log bpi2020 is not beside the repository")
def test_a_real_log_comes_in_whole() -> None:
    traces = events = submitted = 0
    for trace in read_log(REAL):
        traces += 1
        events += len(trace.events)
        names = [str(event["concept:name"]) for event in trace.events]
        submitted += sum(name.startswith("Declaration SUBMITTED") for name in names)
    assert (traces, events, submitted) == (10_357, 55_628, 11_371)
