"""One Airflow for one home at a time: ``up``, or a command that runs DAGs in its own process.

Airflow's scheduler takes whatever runs in its database, so a DAG that is run here while ``up`` serves the
same home would be run by both.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from connectors.errors import Misconfigured


@contextlib.contextmanager
def alone(airflow_home: Path) -> Iterator[None]:
    """Hold the home for as long as the block lasts; ``Misconfigured`` when another process holds it."""
    with (airflow_home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"up already runs for {airflow_home.parent}, or another command runs its DAGs; wait for it "
                "or stop it, trigger the DAG on Airflow's page, or run the flow with --direct"
            ) from None
        yield
