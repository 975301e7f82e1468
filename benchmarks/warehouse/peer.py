"""dlt as the warehouse's peer: installed for the benchmark alone, in a virtual environment of its own.

``requirements-bench.in`` ─▶ ``.venv-bench``, made when it is missing ─▶ ``dlt_peer.py`` in a process there.
Where it cannot be installed, the benchmark says so and goes on. The product never imports dlt.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.data.warehouse import SHARES, rows_of
from models import stream_table

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-bench"


class Peer:
    """One dlt pipeline over the five streams; ``why`` says why it is not measured, if it is not."""

    def __init__(self, home: Path, urls: dict[str, str], why: str) -> None:
        self._home, self._urls = home, urls
        self._why = why or _install()

    @property
    def name(self) -> str:
        """What it is called beside its figures."""
        return f"dlt, not measured: {self._why}" if self._why else "dlt, connectorx backend"

    def load(self, write: str, *, rows: int) -> float | None:
        """Seconds of a run: ``append`` for the first, then ``merge`` by primary key; None if not measured."""
        if self._why:
            return None
        self._home.mkdir(exist_ok=True)
        tables = []
        for stream in SHARES:
            system, _, table = stream.partition(".")
            (key,) = stream_table(stream).primary_key.columns
            tables.append({"url": self._urls[system], "table": table, "key": key.name})
        task = {"write": write, "home": str(self._home), "file": str(self._home / "peer.duckdb")}
        done = subprocess.run(
            [VENV / "bin" / "python", Path(__file__).with_name("dlt_peer.py")],
            input=json.dumps(task | {"tables": tables}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"dlt stopped: {done.stderr[-2000:]}")
        found = json.loads(done.stdout)
        wanted = {stream.partition(".")[2]: rows_of(stream, rows) for stream in SHARES}
        if found["rows"] != wanted:
            raise AssertionError(f"dlt holds {found['rows']}, the source {wanted}")
        return float(found["seconds"])


def _install() -> str:
    """Make the virtual environment when it is missing; why that failed, or nothing."""
    if (VENV / "made").is_file():
        return ""
    uv = [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)],
        [*uv, "pip", "install", "--quiet", "--python", str(VENV), "-r", "requirements-bench.in"],
    ):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["it could not be installed"])[-1][:200]
    (VENV / "made").touch()
    return ""
