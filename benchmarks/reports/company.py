"""A published company as many times the seeded one as wanted; and the same published again and again.

Seeded raw tables ─▶ copies with keys of their own ─▶ core, forecasts, marts, gates ─▶ a published file.
``python -m benchmarks.reports.company HOME`` publishes until it is stopped, as the warehouse's flow does.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.warehouse.company import multiply, seeded
from settings import Settings

PAUSE_S = 3.0
"""Between two publications; the flow publishes every hour at most."""


def publish_at(home: Path, *, times: int) -> tuple[Settings, int]:
    """The settings of a published company, and how many orders it has."""
    from warehouse.publish import publish

    settings = Settings(home=home, currency="EUR", timezone="Europe/Madrid")
    with tempfile.TemporaryDirectory() as one:
        rows = multiply(seeded(Path(one)), settings, times=times)
    _make(settings)
    published = publish(settings)
    if not settings.published_file.exists():
        raise RuntimeError(f"nothing was published: {published}")
    return settings, rows["crm_orders"]


def _make(settings: Settings) -> None:
    from flows.warehouse import pipeline

    for stage in pipeline(full=False).stages:
        if stage.name not in ("extract", "publish"):
            stage.run(settings)


def publish_forever(settings: Settings) -> None:
    """Put the publication in place anew, with a pause, until the process is ended; a line each."""
    from warehouse.publish import publish

    while True:
        publish(settings)
        print("published", flush=True)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    publish_forever(Settings(home=Path(sys.argv[1]), currency="EUR", timezone="Europe/Madrid"))
