"""The words of the analytical path: a pipeline is stages that run one after the other over whole tables.

``flows/warehouse.py`` declares one, ``hub/airflow.py`` schedules it. Beside a flow it moves no single
records, so it counts what it likes; the hub's loop, cursors and quarantine do not apply to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from settings import Settings


@dataclass(frozen=True)
class Stage:
    """One task of a pipeline.

    ``run`` does the work and returns small counts that JSON can hold, such as ``{"tables": 12}``. A count
    named ``written`` that is 0 says that nothing changed: then nothing that waits for it is started.
    """

    name: str
    run: Callable[[Settings], Mapping[str, Any]]

    @property
    def says(self) -> str:
        """What it does, in its function's own words."""
        work = self.run.func if isinstance(self.run, partial) else self.run
        return (work.__doc__ or "").partition("\n")[0]


@dataclass(frozen=True)
class Pipeline:
    """Stages in order; what follows the last one is told, with ``publishes`` that the published file is new.

    ``every`` is its schedule in plain words (``"1 day"``); it also runs whenever a flow wrote something.
    """

    name: str
    every: str
    owner: str
    doc: str
    stages: tuple[Stage, ...]
    publishes: bool = False
