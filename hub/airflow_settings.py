"""The settings inside an Airflow task: the process's own, unless Airflow has a Connection for a system.

A Connection named ``triada_oa``, ``triada_crm`` or ``triada_erp`` wins: a database's, or one of type HTTP
whose password is the token of a store API. Every password and token is masked in logs.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

import settings

_DRIVERS = {"postgres": "postgresql+psycopg2", "mysql": "mysql+pymysql", "sqlite": "sqlite"}
"""SQLAlchemy names for Airflow's connection types; another type is used as it is written."""
_HTTP = ("http", "https")


def settings_in_task() -> settings.Settings:
    """The process's settings, with the address of each system that has an Airflow Connection from there."""
    given = settings.load()
    found = {name: value for system in settings.SYSTEMS for name, value in _from_connection(system).items()}
    result = given.model_copy(update=found)
    for system in (*settings.SYSTEMS, "state"):
        _mask(result.url(system), result.token(system))
    return result


def _from_connection(system: str) -> dict[str, Any]:
    """What the system's Connection sets; nothing when there is none."""
    try:
        connection = Connection.get(f"triada_{system}")
    except AirflowNotFoundException:
        return {}
    if connection.conn_type in _HTTP:
        return {
            f"{system}_url": _http_url(connection),
            f"{system}_token": SecretStr(connection.password or ""),
        }
    return {f"{system}_url": _database_url(connection)}


def _http_url(connection: Connection) -> str:
    """The address of a store API; Airflow's form has http or https as the schema, or before the host."""
    scheme, _, host = (connection.host or "").rpartition("://")
    scheme = scheme or connection.schema or connection.conn_type
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") and host.count(":") > 1 else host
    return f"{scheme}://{bracketed}{f':{connection.port}' if connection.port else ''}"


def _database_url(connection: Connection) -> str:
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


def _mask(address: str, token: str) -> None:
    with suppress(ArgumentError, ValueError):  # an address that is none is told of by who opens it
        if password := make_url(address).password:
            mask_secret(str(password))
    if token:
        mask_secret(token)
