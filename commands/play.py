"""Runs DAGs through Airflow in this one process: real DAG files, real task instances, no scheduler.

DAG file → Airflow's own test run of it (metadata database, XCom, asset events) → the counts of each step.
Nothing starts another DAG here: who plays decides what follows. Airflow's words go to files, never to the
terminal.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from commands.airflow_env import DAGS_FOLDER, ROOT, airflow_environment, airflow_home, migrate
from commands.alone import alone
from connectors.errors import Misconfigured, TriadaError
from settings import Settings, load

Row = dict[str, Any]
_COUNTS = ("read", "written", "unchanged", "waiting", "quarantined")


def play(
    names: Iterable[str], settings: Settings, *, on_step: Callable[[Row], None] | None = None
) -> list[Row]:
    """Run these DAGs one after the other; one row of counts a task, each also given to ``on_step`` at once.

    Raises ``TriadaError`` with the reason and the log's path when a task failed after its retries.
    """
    dags, log = _warm(settings)
    rows: list[Row] = []
    for name in names:
        if name not in dags:
            raise Misconfigured(
                f"there is no DAG {name!r} in {os.environ[DAGS_FOLDER]}; there are {', '.join(sorted(dags))}"
            )
        try:
            with alone(airflow_home(settings)):
                rows += _run(dags[name], on_step or _say_nothing)
        finally:
            log.turn_to(log.session)
    return rows


def _say_nothing(row: Row) -> None:
    """The default ``on_step``."""


class _Log(io.TextIOBase):
    """What Airflow writes to instead of the terminal: the running task's log, or the session's own."""

    encoding = "utf-8"

    def __init__(self, session: Path) -> None:
        self.session = self.path = session

    def write(self, text: str) -> int:
        with self.path.open("a", encoding="utf-8") as file:
            return file.write(text)

    def turn_to(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path


def _warm(settings: Settings) -> tuple[Mapping[str, Any], _Log]:
    """Airflow imported and the DAG files parsed, once a process; the tasks' settings, every time."""
    home = airflow_home(settings)
    if "airflow.settings" in sys.modules and os.environ.get("AIRFLOW_HOME") != str(home):
        raise Misconfigured(
            f"Airflow already runs in this process, for {os.environ.get('AIRFLOW_HOME')}, and cannot move to "
            f"{home}; one process plays for one TRIADA_HOME"
        )
    migrate(settings)
    os.environ.update(airflow_environment(settings))
    load.cache_clear()  # tasks load their settings from the environment, as they do under the scheduler
    return _parsed(home)


@lru_cache(maxsize=1)
def _parsed(home: Path) -> tuple[Mapping[str, Any], _Log]:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    log = _session_log(home / "logs" / "play.log")
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=os.environ[DAGS_FOLDER])
    if bag.import_errors:
        broken = "\n".join(f"{path}: {error}" for path, error in bag.import_errors.items())
        raise Misconfigured(f"DAG files cannot be imported:\n{broken}")
    for dag in bag.dags.values():
        for task in dag.tasks:
            _suit(task, log, home / "logs")
    return bag.dags, log


def _session_log(path: Path) -> _Log:
    """Import Airflow, which sets its logging up for the terminal, and turn that to a file."""
    path.unlink(missing_ok=True)
    log = _Log(path)
    from airflow.sdk.log import configure_logging

    configure_logging(output=log, cache_logger_on_first_use=False)
    atexit.register(gc.freeze)  # else the interpreter's end searches all of Airflow for garbage, for seconds
    return log


def _suit(task: Any, log: _Log, folder: Path) -> None:
    """Let the task retry without waiting, for nobody else is served here, and log where Airflow looks."""
    task.retry_delay = timedelta(0)
    task.retry_exponential_backoff = 0
    task.on_execute_callback = [lambda context: log.turn_to(folder / _log_name(context["ti"]))]


def _log_name(ti: Any) -> str:
    """As in Airflow's ``log_filename_template``, so that its web page shows these logs too."""
    return f"dag_id={ti.dag_id}/run_id={ti.run_id}/task_id={ti.task_id}/attempt={ti.try_number}.log"


def _run(dag: Any, on_step: Callable[[Row], None]) -> list[Row]:
    rows: list[Row] = []
    failures: list[tuple[Any, BaseException]] = []
    for task in dag.tasks:
        task.on_success_callback = [partial(_succeeded, rows=rows, on_step=on_step)]
        task.on_failure_callback = [lambda context: failures.append((context["ti"], context["exception"]))]
    run = dag.test()
    if failures:
        ti, error = failures[0]
        log = airflow_home(load()) / "logs" / _log_name(ti)
        raise TriadaError(f"DAG {ti.dag_id}, task {ti.task_id}: {error}; its log is {log}") from error
    if str(run.state) != "success" or len(rows) != len(dag.tasks):
        raise TriadaError(
            f"DAG {dag.dag_id}: its run ended {run.state}, {len(rows)} of {len(dag.tasks)} tasks were done "
            f"here; its logs are in {airflow_home(load()) / 'logs'}"
        )
    return rows


def _succeeded(context: Mapping[str, Any], *, rows: list[Row], on_step: Callable[[Row], None]) -> None:
    ti = context["ti"]
    counts = ti.xcom_pull(task_ids=ti.task_id)
    seconds = (ti.end_date - ti.start_date).total_seconds()
    row = {"flow": ti.dag_id, "step": ti.task_id, **dict.fromkeys(_COUNTS, 0), "seconds": seconds, **counts}
    rows.append(row)
    on_step(row)
