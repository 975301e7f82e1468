"""One stage of a pipeline while it runs, told in the log as a flow's step is.

stage ─▶ its work ─▶ a line with what it counted, or with what stopped it. It keeps no record of the run: what
became of the warehouse is in its status.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from hub import logs
from hub.pipeline import Stage
from settings import Settings

LOG = logging.getLogger("triada.hub")


def run_stage(pipeline: str, stage: Stage, settings: Settings) -> dict[str, Any]:
    """Do the stage's work: what it counted, and its ``seconds``; the process logs under this home then."""
    logs.start(settings)
    where, began = f"{pipeline}.{stage.name}", time.monotonic()
    with logs.run_context(flow=pipeline, step=stage.name):
        try:
            counts = stage.run(settings)
        except BaseException as error:
            LOG.error("%s failed after %.3f s: %s", where, time.monotonic() - began, logs.told(error))
            raise
        seconds = time.monotonic() - began
        LOG.info("%s: %s in %.3f s", where, _short(counts), seconds)
    return {**counts, "seconds": seconds}


def _short(counts: Mapping[str, Any]) -> dict[str, Any]:
    """The counts without what became of each table, which no line is long enough for."""
    return {
        name: value
        for name, value in counts.items()
        if not (isinstance(value, list) and any(isinstance(each, dict) for each in value))
    }
