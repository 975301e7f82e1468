"""Runs one service in the foreground, with Airflow's surroundings set: ``python -m commands.service NAME``.

``up`` starts these programs on one machine, ``docker-compose.yml`` the same ones in containers. It knows
neither leashes nor what runs beside it.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from commands.airflow_env import airflow_environment, migrate, prepare_home
from connectors.errors import Misconfigured
from settings import SYSTEMS, Settings, load

AIRFLOW: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    # Its log server would listen on every address; on one machine, and on a shared volume, the web page
    # reads the files themselves.
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
}
APIS: Mapping[str, str] = {f"api-{system}": system for system in SYSTEMS}
STORES = "stores"
REPORTS = "reports"
MIGRATE = "migrate"
EVERY_S = 2.0


def main(name: str) -> None:
    """Become the service; ``migrate`` brings Airflow's database up to date and ends."""
    settings = load()
    if name == MIGRATE:
        migrate(settings)
    elif name == STORES:
        _work_forever(settings)
    elif name == REPORTS:
        from reports.web.serve import serve

        serve(settings)
    elif name in APIS:
        _serve(settings, APIS[name])
    elif name in AIRFLOW:
        _become_airflow(settings, name)
    else:
        known = ", ".join([*AIRFLOW, *APIS, STORES, REPORTS, MIGRATE])
        raise Misconfigured(f"there is no service {name!r}; there are {known}")


def _become_airflow(settings: Settings, name: str) -> None:
    prepare_home(settings)
    os.environ.update(airflow_environment(settings))
    if name == "scheduler":
        # Its workers are forks of it, and every task a fork of a worker: imported here, Great Expectations
        # costs its six seconds once, not once a task.
        from checks.gx import warm

        warm()
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", *AIRFLOW[name]]
    try:
        airflow()
    finally:
        gc.freeze()  # it ends now: searching millions of objects for garbage would take seconds


def has_stores(settings: Settings) -> bool:
    """Whether all three systems are databases, whose worker steps nobody else runs."""
    return all(has_database(settings, system) for system in SYSTEMS)


def has_database(settings: Settings, system: str) -> bool:
    """Whether the system is a store of ours in a database, which an API can be put in front of."""
    url = settings.url(system)
    return "://" in url and not url.startswith(("http:", "https:"))


def _serve(settings: Settings, system: str) -> None:
    from stores.api.serve import serve
    from stores.api.store import Limits

    if not has_database(settings, system):
        raise Misconfigured(
            f"TRIADA_{system.upper()}_URL is no database URL; an API of ours needs a database"
        )
    limits = Limits(
        body_bytes=int(settings.api_body_mib * 2**20),
        answer_s=settings.api_answer_s,
        rate=settings.api_rate,
        burst=settings.api_burst,
    )
    port: int = getattr(settings, f"{system}_port")
    serve(
        system,
        settings.url(system),
        port=port,
        host=settings.api_host,
        limits=limits,
        currency=settings.currency,
    )


def _work_forever(settings: Settings) -> None:
    import sqlalchemy as sa

    from commands.seed import open_stores
    from stores.engines import create_stores
    from stores.worker import work

    engines = open_stores(settings)
    # A company that starts empty: a database that holds anything is left as it is.
    create_stores({name: one for name, one in engines.items() if not sa.inspect(one).get_table_names()})
    while True:
        at = datetime.now(UTC)
        try:
            if handled := work(engines, at=at):
                print(f"{at:%Y-%m-%d %H:%M:%S} handled {handled}", flush=True)
        except sa.exc.OperationalError as error:  # a database that restarts is back in a while
            print(f"{at:%Y-%m-%d %H:%M:%S} a store did not answer: {error.orig}", flush=True)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main(sys.argv[1])
