"""The hub's log is JSON, tells which run a line is of, holds no secret, and is shared by processes."""

from __future__ import annotations

import json
import logging
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hub import logs
from settings import Settings

LOG = logging.getLogger("triada.hub")


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """What a test starts, ends with it."""
    before, level = logs.ROOT.handlers[:], logs.ROOT.level
    secrets = set(logs._SECRETS)
    yield
    logs.ROOT.handlers[:] = before
    logs.ROOT.setLevel(level)
    logs._SECRETS.clear()
    logs._SECRETS.update(secrets)


def lines(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "logs" / "hub.jsonl").read_text().splitlines()]


def test_a_line_says_when_what_and_for_which_run(tmp_path: Path) -> None:
    logs.start(Settings(home=tmp_path))
    with logs.run_context(run=7, flow="orders"), logs.run_context(step="book"):
        LOG.info("moved %d «ñ»\nand more", 3)
    LOG.warning("no run")
    first, second = lines(tmp_path)
    assert first.pop("ts").endswith("Z")
    assert first == {
        "level": "info", "logger": "triada.hub", "run": 7, "flow": "orders", "step": "book",
        "message": "moved 3 «ñ»\nand more",
    }  # fmt: skip
    assert (second["run"], second["level"]) == (None, "warning")


def test_an_exception_is_told_whole_on_one_line(tmp_path: Path) -> None:
    logs.start(Settings(home=tmp_path))
    try:
        raise ValueError("at postgresql://triada:hunter2@db/x")
    except ValueError:
        LOG.exception("it failed")
    (line,) = lines(tmp_path)
    assert "ValueError: at postgresql://triada:***@db/x" in line["error"]


@pytest.mark.parametrize(
    "said",
    [
        "postgresql+psycopg2://triada:hunter2@db/x",
        "https://:hunter2@erp.example/api",
        "https://a:hunter2@b@erp.example/api",
        "Authorization: Bearer hunter2",
        "Basic hunter2==",
        "?token=hunter2&limit=3",
        "api_key=hunter2",
    ],
)
def test_what_looks_like_a_secret_is_masked(said: str) -> None:
    assert "hunter2" not in logs.masked(said)


def test_an_address_without_a_password_stays_readable() -> None:
    said = "http://127.0.0.1:8080/orders?changed_since=2026-11-20T09:30:00Z and a note@example.com"
    assert logs.masked(said) == said


def test_the_passwords_and_tokens_of_the_settings_are_masked_wherever_they_are(tmp_path: Path) -> None:
    class WithToken(Settings):
        oa_token: SecretStr = SecretStr("tok-9876")

    logs.start(WithToken(home=tmp_path, crm_url="mariadb://u:p%40ss%2Fword@db/crm"))
    LOG.warning("came: %s, %s and %s", "p@ss/word", "p%40ss%2Fword", "tok-9876")
    assert [line["message"] for line in lines(tmp_path)] == ["came: ***, *** and ***"]


def test_a_second_start_says_nothing_twice(tmp_path: Path) -> None:
    for _ in range(2):
        logs.start(Settings(home=tmp_path))
    LOG.info("once")
    assert len(lines(tmp_path)) == 1


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    logs.start(Settings(home=tmp_path))
    LOG.info("a key of a person")
    assert (tmp_path / "logs" / "hub.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_warning_is_plain_text_on_the_terminal_and_news_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.start(Settings(home=tmp_path))
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    LOG.info("moved")
    LOG.warning("waits since yesterday")
    assert capsys.readouterr().err == "triada: waits since yesterday\n"


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.start(Settings(home=tmp_path))
    (tmp_path / "logs" / "hub.jsonl").mkdir(parents=True)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    LOG.info("nowhere to go")


def say_much(home: Path, name: str) -> None:
    """What each process does: two lines fill a file, and all the files are kept."""
    logs.LONGEST, logs.KEPT = 300, 200
    logs.start(Settings(home=home))
    for number in range(100):
        LOG.info("%s %d", name, number)


def test_processes_share_the_file_and_its_turning_over_loses_no_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=say_much, args=(tmp_path, f"p{number}")) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=30)
    files = list((tmp_path / "logs").glob("hub.jsonl*"))
    assert {file.name for file in files} == {"hub.jsonl", *(f"hub.jsonl.{n}" for n in range(1, len(files)))}
    said = [json.loads(line)["message"] for file in files for line in file.read_text().splitlines()]
    assert sorted(said) == sorted(f"p{process} {number}" for process in range(3) for number in range(100))


def test_a_few_old_files_are_kept_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LONGEST", 300)
    logs.start(Settings(home=tmp_path))
    for number in range(40):
        LOG.info("%d", number)
    names = sorted(file.name for file in (tmp_path / "logs").glob("hub.jsonl*"))
    assert names == ["hub.jsonl", *(f"hub.jsonl.{number}" for number in range(1, logs.KEPT + 1))]
    assert lines(tmp_path)[-1]["message"] == "39"
    assert all((tmp_path / "logs" / name).stat().st_size <= 300 for name in names)


def test_a_log_that_cannot_be_written_is_told_of_once_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be")
    logs.start(Settings(home=tmp_path))
    LOG.info("one")
    LOG.info("two")
    said = capsys.readouterr().err
    assert said.count("triada: the log ") == said.count("\n") == 1
    assert "hub.jsonl cannot be written: " in said
