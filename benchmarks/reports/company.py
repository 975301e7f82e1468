"""A published company of a scale, seeded and built; and the same published again and again.

Stores seeded ─▶ extract, core, forecasts, marts, gates ─▶ a published file.
``python -m benchmarks.reports.company HOME`` publishes until it is stopped, as the warehouse's flow does.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

from commands.seed import open_stores
from settings import Settings
from stores.engines import create_stores

PAUSE_S = 3.0
"""Between two publications; the flow publishes every hour at most."""


def publish_at(home: Path, *, times: int) -> tuple[Settings, int]:
    """The settings of a published company, and how many orders it has."""
    from flows.warehouse import pipeline
    from stores.seed import seed

    settings = Settings(home=home, currency="EUR", timezone="Europe/Madrid")
    engines = open_stores(settings)
    create_stores(engines)
    rows = seed(engines, scale=times, as_of=dt.datetime.now(dt.UTC).date())
    for stage in pipeline(full=False).stages:
        stage.run(settings)
    if not settings.published_file.exists():
        raise RuntimeError("nothing was published: a gate holds the seeded company")
    return settings, rows["crm.orders"]


def publish_forever(settings: Settings) -> None:
    """Put the publication in place anew, with a pause, until the process is ended; a line each."""
    from warehouse.publish import publish

    while True:
        publish(settings)
        print("published", flush=True)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    publish_forever(Settings(home=Path(sys.argv[1]), currency="EUR", timezone="Europe/Madrid"))
