"""The API as a process: real HTTP, this machine alone, a clean end; and the pieces that start it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from commands import token as tokens
from commands.token_words import token as words
from connectors.errors import Misconfigured
from settings import Settings, load
from stores.api.store import Store
from tests.commands.processes import listening

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in [name for name in os.environ if name.startswith("TRIADA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    monkeypatch.setenv("TRIADA_CRM_PORT", str(free_port()))
    load.cache_clear()
    yield tmp_path
    load.cache_clear()


@pytest.fixture
def served(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (home / "api.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "commands.service", "api-crm"], cwd=ROOT, stdout=log, stderr=log
        )
        yield process
        process.kill()
        process.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


def make_store(system: str) -> None:
    store = Store(system, load().url(system))
    store.prepare()
    store.close()


def test_a_store_is_made_served_and_ended(home: Path, served: subprocess.Popen[bytes]) -> None:
    url = f"http://127.0.0.1:{load().crm_port}"
    wait_for(url)
    assert listening([served.pid]) == {"0100007F"}
    token = tokens.add("form", system="crm", scopes="crm:read crm:write")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        once: dict[str, Any] = {"json": {"contact_name": "Ana"}, "headers": {"Idempotency-Key": "1"}}
        assert [client.post("/leads", **once).status_code for _ in range(2)] == [201, 201]
        answer = client.get("/leads?limit=1")
        assert answer.json()["total"] == 1
        assert "server" not in answer.headers
        huge = client.post("/leads", content=b" " * (8 * 2**20 + 1))
        assert huge.status_code == 413
        with socket.create_connection(("127.0.0.1", load().crm_port)) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 4")
        tokens.revoke("form", system="crm")
        assert client.get("/leads").status_code == 401
    served.send_signal(signal.SIGTERM)
    assert served.wait(15) == -signal.SIGTERM  # it ends what it has in hand, then as it was told to
    log = (home / "api.log").read_text()
    assert token not in log
    assert "Traceback" not in log
    line = next(line for line in log.splitlines() if '"path": "/leads"' in line)
    assert json.loads(line[line.index("{") :])["caller"] == "form"


@pytest.mark.parametrize("there", [False, True])
def test_a_home_without_a_store_gets_no_token_and_no_database(home: Path, there: bool) -> None:
    store = home / "stores" / "crm.db"
    if there:
        store.parent.mkdir()
        store.touch()
    for act in (
        lambda: tokens.add("form", system="crm", scopes="crm:read"),
        lambda: tokens.tokens(system="crm"),
        lambda: tokens.revoke("form", system="crm"),
    ):
        with pytest.raises(Misconfigured, match=r"no store at sqlite .*crm\.db; \./triada seed or"):
            act()
    assert tokens.tokens() == []
    assert store.exists() is there
    if there:
        with closing(sqlite3.connect(store)) as connection:
            assert connection.execute("select name from sqlite_master").fetchall() == []


def test_tokens_are_listed_with_times_that_people_read(home: Path) -> None:
    make_store("crm")
    tokens.add("form", system="crm", scopes="crm:write")
    shown = CliRunner().invoke(words, ["list"], env={"COLUMNS": "120"})
    assert home.is_dir()
    assert re.search(r" 20\d\d-\d\d-\d\d \d\d:\d\d UTC\s", shown.output), shown.output


def test_tokens_are_listed_without_their_hashes(home: Path) -> None:
    make_store("crm")
    make_store("oa")
    token = tokens.add("form", system="crm", scopes="crm:write")
    tokens.add("desk", system="oa", scopes="oa:approve oa:read")
    listed = tokens.tokens()
    assert [(row["system"], row["name"], row["scopes"]) for row in listed] == [
        ("oa", "desk", "oa:approve oa:read"),
        ("crm", "form", "crm:write"),
    ]
    assert token not in str(listed)
    assert "hash" not in str(listed)
    assert home.is_dir()


@pytest.mark.parametrize(
    ("system", "scopes", "said"),
    [
        ("oaa", "oa:read", "no system 'oaa'"),
        ("crm", "erp:read", "erp:read came for crm"),
        ("crm", "", "no scope came"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(home: Path, system: str, scopes: str, said: str) -> None:
    assert home.is_dir()
    make_store("crm")
    with pytest.raises(Misconfigured, match=said):
        tokens.add("form", system=system, scopes=scopes)


def test_tokens_are_made_where_the_database_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home.is_dir()
    monkeypatch.setenv("TRIADA_CRM_URL", "http://127.0.0.1:1")
    load.cache_clear()
    with pytest.raises(Misconfigured, match="TRIADA_CRM_URL is no database URL"):
        tokens.add("form", system="crm", scopes="crm:read")
    assert [row["system"] for row in tokens.tokens()] == []


def test_a_token_in_the_settings_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIADA_CRM_TOKEN", "planted-secret")
    settings = Settings()
    assert settings.token("crm") == "planted-secret"
    assert settings.token("oa") == settings.token("files") == ""
    assert (
        "planted-secret"
        not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    )


def test_an_older_store_gets_the_bookkeeping_it_lacks_and_nothing_else(home: Path) -> None:
    import sqlalchemy as sa

    from models import SYSTEMS

    older = sa.create_engine(f"sqlite:///{home}/older.db")
    SYSTEMS["crm"].create_all(older, tables=[SYSTEMS["crm"].tables["campaigns"]])
    older.dispose()
    store = Store("crm", f"sqlite:///{home}/older.db")
    store.prepare()
    store.prepare()
    assert set(sa.inspect(store.engine).get_table_names()) == {
        "campaigns", "api_requests", "api_tokens", "fences", "tombstones",
    }  # fmt: skip
    store.close()
