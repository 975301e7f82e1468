"""Starts Airflow, the stores' APIs and their workers on this machine, and ends them all.

Settings → surroundings and database → supervised services. It ends, and everything with it, on Ctrl-C,
SIGTERM, the death of its terminal or its own (``leash`` sees to the last). It listens on 127.0.0.1 only.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from commands.airflow_env import ROOT, USER, airflow_environment, migrate, password_file, prepare_home
from commands.alone import alone
from commands.service import APIS, REPORTS, STORES, has_database, has_stores
from commands.supervisor import Say, Service, supervise
from connectors.errors import Misconfigured
from settings import Settings


def _print(line: str) -> None:
    print(line, flush=True)


def up(settings: Settings, *, say: Say = _print) -> int:
    """Run everything until told to stop; exit status 0, or 1 when a service would not stay alive."""
    home = prepare_home(settings)
    stop = threading.Event()
    with alone(home), _told_to_stop(stop):
        _check_free(settings.airflow_port, "Airflow's web page", setting="TRIADA_AIRFLOW_PORT")
        if settings.reports_port:
            _check_free(settings.reports_port, "the reports", setting="TRIADA_REPORTS_PORT")
        for system, port in _apis(settings).items():
            _check_free(port, f"the {system.upper()}'s API", setting=f"TRIADA_{system.upper()}_PORT")
        migrate(settings)
        if stop.is_set():
            return 0
        return supervise(
            _services(settings, home / "logs"),
            {**os.environ, **airflow_environment(settings)},
            folder=ROOT,
            stop=stop,
            say=say,
            ready=partial(healthy, settings),
        )


def healthy(settings: Settings) -> bool:
    """Whether Airflow says that its database, scheduler and DAG processor are well."""
    url = f"http://127.0.0.1:{settings.airflow_port}/api/v2/monitor/health"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot know this machine
    try:
        with opener.open(url, timeout=2) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return False
    parts = ("metadatabase", "scheduler", "dag_processor")
    return all((health.get(part) or {}).get("status") == "healthy" for part in parts)


def command(name: str) -> list[str]:
    """What a service runs; ``docker-compose.yml`` runs the same."""
    return [sys.executable, "-m", "commands.service", name]


def _services(settings: Settings, logs: Path) -> list[Service]:
    address = f"http://127.0.0.1:{settings.airflow_port}"
    does = {}
    if settings.reports_port:
        does[REPORTS] = f"http://127.0.0.1:{settings.reports_port}  the reports; ./triada user makes sign-ins"
    does |= {
        "api-server": f"{address}  sign in as {USER}, password in {password_file(settings)}",
        "scheduler": "runs the DAGs, two tasks at a time",
        "dag-processor": "reads the DAG files",
    }
    for name, system in APIS.items():
        if port := _apis(settings).get(system):
            does[name] = f"http://127.0.0.1:{port}  the {system.upper()}'s API; ./triada token makes tokens"
    if has_stores(settings):
        does[STORES] = "lets OA, CRM and ERP decide on what was asked of them"
    return [Service(name, what, command(name), logs / f"{name}.log") for name, what in does.items()]


def _apis(settings: Settings) -> dict[str, int]:
    """The port of each system that gets an API: one whose store is a database, unless its port is 0."""
    ports = {system: getattr(settings, f"{system}_port") for system in APIS.values()}
    return {system: port for system, port in ports.items() if port and has_database(settings, system)}


@contextlib.contextmanager
def _told_to_stop(stop: threading.Event) -> Iterator[None]:
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    # One that is ignored stays so: that is how nohup lets a program outlive its terminal.
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_free(port: int, what: str, *, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Misconfigured(
                f"port {port} on 127.0.0.1 cannot be used for {what} ({error.strerror}); stop what uses it, "
                f"or set {setting} to another"
            ) from None
