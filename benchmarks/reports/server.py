"""The reports' application in a process of its own; who asks is told by a header, so that many can ask.

``serving`` starts it and ends it; ``python -m benchmarks.reports.server HOME PORT`` is that process. Only the
sign-in is left out: what a password costs is not what a page costs.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from settings import Settings

WHO = "x-reader"
"""``role:employee_no``; nothing is the whole company."""
STARTS_S = 60.0
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address of the served company."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", __name__, str(settings.home), str(port)], cwd=ROOT)
    base, until = f"http://127.0.0.1:{port}", time.monotonic() + STARTS_S
    try:
        while not _answers(base):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the reports did not start to answer")
            time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/health", timeout=5).is_success
    except httpx.TransportError:
        return False


def _serve(home: Path, port: int) -> None:
    import uvicorn
    from starlette.requests import Request

    from reports.access.viewer import COMPANY, Viewer
    from reports.web.app import application
    from reports.web.serve import site_of

    def signed_in(request: Request) -> Viewer:
        role, _, employee = request.headers.get(WHO, "").partition(":")
        return Viewer(name=employee, role=role, employee_no=employee) if role else COMPANY

    settings = Settings(home=home, currency="EUR", timezone="Europe/Madrid")
    app = application(site_of(settings), signed_in=signed_in)
    app.state.ahead.start()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
