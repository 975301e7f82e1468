"""A PDF is the page as Chromium prints it: read back, nothing fetched, stopped when it takes too long."""

from __future__ import annotations

import http.server
import io
import os
import shutil
import stat
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest
from pypdf import PdfReader

from connectors.errors import Misconfigured
from reports.export.pdf import NAMES, NotPrinted, find_chromium, pdf

needs_chromium = pytest.mark.skipif(
    not any(map(shutil.which, NAMES)), reason="no Chromium here: apt-get install chromium"
)
PAGE = (
    "<!doctype html><html lang=es><head><title>Tríada</title></head><body><h1>Mañana</h1>"
    "<p style='break-after: page'>12.345 € &amp; más</p><p>Segunda</p>{more}</body></html>"
)


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def program(folder: Path, script: str) -> str:
    """A browser for the test, that does something else."""
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


@needs_chromium
def test_a_page_is_printed_as_it_is_without_headers_on_a4() -> None:
    reader = read(pdf(PAGE.format(more="")))
    assert [page.extract_text().split("\n") for page in reader.pages] == [
        ["Mañana", "12.345 € & más"], ["Segunda"],
    ]  # fmt: skip
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


@needs_chromium
def test_a_page_chooses_its_own_paper() -> None:
    more = "<style>@page { size: A5 landscape; margin: 5mm }</style>"
    box = read(pdf(PAGE.format(more=more))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 420)


@needs_chromium
def test_nothing_is_run_or_fetched(tmp_path: Path) -> None:
    asked: list[str] = []

    class Heard(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "secret.txt").write_text("a secret of this machine")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        there = f"http://127.0.0.1:{server.server_port}"
        more = (
            f"<img src='{there}/image'><iframe src='{there}/frame'></iframe>"
            f"<link rel=stylesheet href='{there}/css'>"
            f"<iframe src='file://{tmp_path}/secret.txt'></iframe><script>document.body.textContent='run'</script>"
            f"<meta http-equiv=refresh content='0;url={there}/refresh'>"
        )
        reader = read(pdf(PAGE.format(more=more)))
    finally:
        server.shutdown()
        server.server_close()
    text = "".join(page.extract_text() for page in reader.pages)
    assert asked == []
    assert "Mañana" in text
    assert "secret" not in text
    assert "run" not in text


@needs_chromium
def test_it_leaves_neither_file_nor_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # a path as short as Chromium's sockets must be
        monkeypatch.setattr("tempfile.tempdir", folder)
        pdf(PAGE.format(more=""))
        assert list(Path(folder).iterdir()) == []
    assert [p for p in psutil.process_iter(["cmdline"]) if folder in " ".join(p.info["cmdline"] or ())] == []


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match=r"none is on the path; install one .*TRIADA_CHROMIUM"):
        pdf("<p>x")
    with pytest.raises(Misconfigured, match="TRIADA_CHROMIUM names '/no/such'"):
        pdf("<p>x", chromium="/no/such")


def test_the_browser_of_the_settings_is_taken_before_others(tmp_path: Path) -> None:
    given = program(tmp_path, "exit 0")
    assert find_chromium(given) == given


def test_a_browser_that_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    slow = program(tmp_path, f"sleep 99 & echo $! > {tmp_path}/child; wait")
    began = time.monotonic()
    with pytest.raises(NotPrinted, match="not done within the time it had"):
        pdf("<p>x", chromium=slow, timeout_s=1)
    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the browser's child still runs")


@pytest.mark.parametrize(
    ("script", "said"), [("echo no display >&2; exit 3", "no display"), ("exit 0", "nothing")]
)
def test_a_browser_that_makes_no_pdf_is_told_of(tmp_path: Path, script: str, said: str) -> None:
    with pytest.raises(NotPrinted, match=f"no PDF; it said '{said}'"):
        pdf("<p>x", chromium=program(tmp_path, script))


def test_the_browser_sees_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIADA_SMTP_URL", "smtp://joe:hunter22@127.0.0.1")
    with pytest.raises(NotPrinted):
        pdf("<p>x", chromium=program(tmp_path, f"env > {tmp_path}/env; exit 1"))
    assert "hunter22" not in (tmp_path / "env").read_text()
    assert f"HOME={os.environ.get('HOME')}\n" not in (tmp_path / "env").read_text()
