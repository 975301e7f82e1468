"""Airflow's surroundings: where it lives, that it stays on this machine, and its database brought up to date.

Settings → environment variables → every Airflow process, and ``play`` in this one. A variable that is set
already wins (another database, other DAGs), except for Airflow's home. It starts nothing that stays.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from pydantic import SecretStr

from connectors.errors import Misconfigured
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent
USER = "admin"
DAGS_FOLDER = "AIRFLOW__CORE__DAGS_FOLDER"
_CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_ASYNC_CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"
_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg_async"}
"""Airflow would take asyncpg for PostgreSQL, one more package; psycopg 3 is here already."""

_FIXED: Mapping[str, str] = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "2",
    "AIRFLOW__CORE__MP_START_METHOD": "fork",  # workers share the scheduler's memory
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks the network's name server
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "alembic=WARNING http.access=WARNING httpx=WARNING",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
}


def airflow_home(settings: Settings) -> Path:
    """Where Airflow keeps its database, logs and secrets; nobody else may read it."""
    return settings.home.resolve() / "airflow"


def password_file(settings: Settings) -> Path:
    """Holds the password of Airflow's web page, for ``admin``."""
    return airflow_home(settings) / "password.json"


def airflow_environment(settings: Settings) -> dict[str, str]:
    """The variables an Airflow process needs on top of this process's own."""
    home = airflow_home(settings)
    address = f"http://127.0.0.1:{settings.airflow_port}"
    defaults = {
        **_FIXED,
        _CONNECTION: f"sqlite:///{home / 'airflow.db'}",
        DAGS_FOLDER: str(ROOT / "dags"),
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
    }
    folders = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        # First, because Airflow appends the DAG folder, where warehouse.py would pass for our package.
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(ROOT), *_python_path()])),
    }
    # Variables beside another AIRFLOW_HOME belong to another Airflow, whose database is not ours to use.
    ours = os.environ if os.environ.get("AIRFLOW_HOME", str(home)) == str(home) else {}
    wins = {name: ours.get(name, value) for name, value in defaults.items()}
    wins[_ASYNC_CONNECTION] = ours.get(_ASYNC_CONNECTION, _asynchronous(wins[_CONNECTION]))
    return {**wins, **_given(settings), **folders}


def migrate(settings: Settings) -> None:
    """Make Airflow's database, or bring it to the installed version; quick when it is so already."""
    home = prepare_home(settings)
    environment = {**os.environ, **airflow_environment(settings)}
    stamp, address = home / "migrated", environment[_CONNECTION]
    wanted = f"{version('apache-airflow-core')} {hashlib.sha256(address.encode()).hexdigest()}"
    with (home / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once migrate once
        if stamp.exists() and stamp.read_text() == wanted and _is_there(address):
            return
        _migrate(environment, home / "logs" / "migrate.log")
        stamp.write_text(wanted)


def prepare_home(settings: Settings) -> Path:
    """Make Airflow's folder, closed to others, with a password in it."""
    home = airflow_home(settings)
    (home / "logs").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    secret = password_file(settings)
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(json.dumps({USER: secrets.token_urlsafe(12)}) + "\n")
    return home


def _migrate(environment: Mapping[str, str], log: Path) -> None:
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    with log.open("wb") as output:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    if done.returncode:
        last = (log.read_text(errors="replace").strip().splitlines() or ["(it said nothing)"])[-1]
        raise Misconfigured(
            f"Airflow's database could not be made or brought up to date: {last.strip()}; "
            f"see {log}, and check {_CONNECTION}"
        )


def _is_there(address: str) -> bool:
    """Whether a stamped file still exists; a server is migrated again, which changes nothing."""
    return address.startswith("sqlite:///") and Path(address.removeprefix("sqlite:///")).exists()


def _asynchronous(address: str) -> str:
    scheme, _, rest = address.partition(":")
    return f"{_ASYNC_DRIVERS.get(scheme.partition('+')[0], scheme)}:{rest}"


def _given(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that a child process in another folder has the same ones."""
    given = {f"TRIADA_{name.upper()}": _plain(getattr(settings, name)) for name in settings.model_fields_set}
    return {**given, "TRIADA_HOME": str(settings.home.resolve())}


def _plain(value: object) -> str:
    """A setting as its variable holds it; a token shows as stars to everyone but its user."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _python_path() -> list[str]:
    return [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
