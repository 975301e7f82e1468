"""The settings inside an Airflow task: the process's own, unless Airflow has a Connection for a system.

A Connection named ``triada_oa``, ``triada_crm`` or ``triada_erp`` wins, and every password is masked in logs.
"""

from __future__ import annotations

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret
from sqlalchemy.engine import URL, make_url

import settings

_DRIVERS = {"postgres": "postgresql+psycopg2", "mysql": "mysql+pymysql", "sqlite": "sqlite"}
"""SQLAlchemy names for Airflow's connection types; another type is used as it is written."""


def settings_in_task() -> settings.Settings:
    """The process's settings, with the address of each system that has an Airflow Connection from there."""
    given = settings.load()
    urls = {f"{system}_url": url for system in settings.SYSTEMS if (url := _connection_url(system))}
    for system in (*settings.SYSTEMS, "state"):
        _mask(urls.get(f"{system}_url") or given.url(system))
    return given.model_copy(update=urls)


def _connection_url(system: str) -> str | None:
    try:
        connection = Connection.get(f"triada_{system}")
    except AirflowNotFoundException:
        return None
    kind, host = connection.conn_type, connection.host or None
    in_host = kind == "sqlite" and not connection.schema  # Airflow's form has the file's path there
    url = URL.create(
        _DRIVERS.get(kind, kind),
        username=connection.login,
        password=connection.password,
        host=None if in_host else host,
        port=connection.port,
        database=host if in_host else connection.schema or None,
        query={name: str(value) for name, value in connection.extra_dejson.items()},
    )
    return url.render_as_string(hide_password=False)


def _mask(address: str) -> None:
    if password := make_url(address).password:
        mask_secret(str(password))
