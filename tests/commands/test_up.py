"""`up` under a real terminal: a real scheduler, assets that start DAGs, this machine alone, nothing left."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from commands.airflow_env import DAGS_FOLDER, ROOT
from commands.up import up
from connectors.errors import Misconfigured
from settings import Settings
from tests.commands.processes import eventually, listening, memory_mb, running_with
from tests.commands.small import make_dags, make_stores

START_S = 120.0
LOCALHOST = "0100007F"
MOST_MB = 2560.0
PEOPLE_TOLD = "select count(*) from asset_event where source_dag_id = 'people'"
# Opening the terminal makes it the controlling one, so that Ctrl-C and its death arrive as signals.
SCRIPT = """
import os, signal, sys
os.open(os.ttyname(0), os.O_RDWR)
signal.signal(signal.SIGINT, signal.default_int_handler)
from commands.up import up
from settings import load
sys.exit(up(load()))
"""


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"port {port} on 127.0.0.1 cannot be used.*AIRFLOW_PORT"):
            up(Settings(home=tmp_path, airflow_port=port))
    assert not (tmp_path / "airflow" / "airflow.db").exists()


def test_a_second_up_for_the_same_home_is_refused(tmp_path: Path) -> None:
    held = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX)"
    held += "; print('held', flush=True); sys.stdin.read()"
    (tmp_path / "airflow").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path / "airflow" / "up.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Misconfigured, match="up already runs for"):
            up(Settings(home=tmp_path))
        other.terminate()


def test_a_port_of_an_api_in_use_is_said_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        airflow, reports, oa = free_ports(3)
        settings = Settings(
            home=tmp_path, airflow_port=airflow, reports_port=reports, oa_port=oa,
            crm_port=taken.getsockname()[1],
        )  # fmt: skip
        with pytest.raises(Misconfigured, match=r"cannot be used for the CRM's API.*TRIADA_CRM_PORT"):
            up(settings)


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Up:
    """`up` in a terminal of its own; all its processes carry the mark."""

    def __init__(self, folder: Path, *, stores: dict[str, str]) -> None:
        self.mark = f"up-{uuid.uuid4()}"
        self.home = folder / "home"
        self.port, *apis = free_ports(4)
        self.apis = dict(zip(("OA", "CRM", "ERP"), apis, strict=True))
        kept = {name: v for name, v in os.environ.items() if not name.startswith(("AIRFLOW", "TRIADA"))}
        environment = {
            **kept,
            **{f"TRIADA_{system.upper()}_URL": url for system, url in stores.items()},
            "TRIADA_HOME": str(self.home),
            "TRIADA_AIRFLOW_PORT": str(self.port),
            **{f"TRIADA_{system}_PORT": str(port) for system, port in self.apis.items()},
            DAGS_FOLDER: str(folder / "dags"),
            "PYTHONPATH": str(ROOT),
            "MARK": self.mark,
        }
        self.terminal, inside = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=folder,
            env=environment,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self.said = ""
        self.terminal_gone = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # the terminal's other end is closed
            while not self.terminal_gone.is_set():
                # Never blocked in a read: a terminal that is being read cannot be closed.
                if select.select([self.terminal], [], [], 0.1)[0]:
                    self.said += os.read(self.terminal, 4096).decode()

    def lose_terminal(self) -> None:
        self.terminal_gone.set()
        self._reader.join(5)
        with suppress(OSError):
            os.close(self.terminal)

    def wait_until_ready(self) -> None:
        came = eventually(lambda: "ready after" in self.said or self.ended(), within_s=START_S)
        assert came, self.said
        assert not self.ended(), self.said

    def ended(self) -> bool:
        return self.process.poll() is not None

    def nothing_runs(self) -> bool:
        return running_with(self.mark) == []

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.home / "airflow" / "airflow.db", timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def call(self, path: str, body: dict[str, Any], *, token: str = "") -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def clean(self) -> None:
        for pid in running_with(self.mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.lose_terminal()


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return bool(json.load(answer) == {"status": "ok"})


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("up")
    make_dags(folder / "dags", "people", "roster", "published")
    return folder, make_stores(folder / "stores")


@pytest.fixture
def running(company: tuple[Path, dict[str, str]]) -> Iterator[Up]:
    folder, stores = company
    started = Up(folder, stores=stores)
    yield started
    started.clean()


def runs(running: Up, dag: str, kind: str) -> int:
    sql = f"select count(*) from dag_run where state = 'success' and dag_id = '{dag}' and run_type = '{kind}'"
    return int(running.ask(sql)[0][0])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_one_dag_wrote_starts_the_dags_that_wait_for_it(running: Up) -> None:
    running.wait_until_ready()
    assert f"http://127.0.0.1:{running.port}  sign in as admin" in running.said
    assert all(answers(f"http://127.0.0.1:{port}/health") for port in running.apis.values())
    assert eventually(lambda: runs(running, "roster", "asset_triggered") >= 1, within_s=120)
    assert eventually(lambda: runs(running, "published", "asset_triggered") >= 1, within_s=60)
    assert eventually(lambda: runs(running, "people", "scheduled") == 1, within_s=60)
    assert running.ask(PEOPLE_TOLD) == [(4,)]  # two steps, each of its stream and its flow

    password = json.loads((running.home / "airflow" / "password.json").read_text())["admin"]
    token = running.call("/auth/token", {"username": "admin", "password": password})["access_token"]
    running.call("/api/v2/dags/people/dagRuns", {"logical_date": None}, token=token)
    assert eventually(lambda: runs(running, "people", "manual") == 1, within_s=90)
    assert running.ask(PEOPLE_TOLD) == [(4,)]  # nothing was new, so nobody is told

    pids = running_with(running.mark)
    assert listening(pids) == {LOCALHOST}
    assert memory_mb(pids) < MOST_MB
    running.process.terminate()
    assert eventually(running.ended)
    assert running.process.returncode == 0
    assert eventually(running.nothing_runs, within_s=2)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", ["ctrl-c", "closed terminal", "kill -9"])
def test_nothing_is_left_running(running: Up, way: str) -> None:
    # up, seven leashes, their services, the scheduler's two workers
    assert eventually(lambda: len(running_with(running.mark)) >= 17, within_s=START_S)
    if way == "ctrl-c":
        os.write(running.terminal, b"\x03")
    elif way == "closed terminal":
        running.lose_terminal()
    else:
        running.process.kill()
    assert eventually(running.ended)
    assert eventually(running.nothing_runs)
