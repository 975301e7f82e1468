"""An Airflow Connection gives a system's address: a database's, or a store API's with its token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import settings
from settings import Settings


class Connection:
    """What Airflow's own has, for the fields that are read."""

    def __init__(self, conn_type: str, **given: Any) -> None:
        self.conn_type = conn_type
        self.extra_dejson: dict[str, Any] = {}
        for name in ("host", "port", "schema", "login", "password"):
            setattr(self, name, given.get(name))


@pytest.fixture
def masked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Secrets that Airflow was told to hide; connections are put into ``CONNECTIONS``."""
    from airflow.sdk.exceptions import AirflowNotFoundException

    from hub import airflow_settings

    hidden: list[str] = []
    CONNECTIONS.clear()

    class Airflow:
        @staticmethod
        def get(name: str) -> Connection:
            if name not in CONNECTIONS:
                raise AirflowNotFoundException(name)
            return CONNECTIONS[name]

    given = Settings(home=tmp_path, crm_url="http://127.0.0.1:8102", crm_token="of-the-settings")  # type: ignore[arg-type]
    monkeypatch.setattr(settings, "load", lambda: given)
    monkeypatch.setattr(airflow_settings, "Connection", Airflow)
    monkeypatch.setattr(airflow_settings, "mask_secret", hidden.append)
    return hidden


CONNECTIONS: dict[str, Connection] = {}


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"host": "oa.example.com", "schema": "https", "port": 8443}, "https://oa.example.com:8443"),
        ({"host": "https://oa.example.com"}, "https://oa.example.com"),
        ({"host": "127.0.0.1", "port": 8101}, "http://127.0.0.1:8101"),
        ({"host": "::1", "port": 8101}, "http://[::1]:8101"),
    ],
)
def test_a_connection_of_type_http_is_a_store_api_with_its_token(
    masked: list[str], given: dict[str, Any], url: str
) -> None:
    from hub.airflow_settings import settings_in_task

    CONNECTIONS["triada_oa"] = Connection("http", password="of-airflow", **given)
    found = settings_in_task()
    assert (found.url("oa"), found.token("oa")) == (url, "of-airflow")
    assert (found.url("crm"), found.token("crm")) == ("http://127.0.0.1:8102", "of-the-settings")
    assert {"of-airflow", "of-the-settings"} <= set(masked)
    assert "of-airflow" not in repr(found)


def test_a_connection_to_a_database_takes_an_apis_place(masked: list[str]) -> None:
    from hub.airflow_settings import settings_in_task

    CONNECTIONS["triada_crm"] = Connection(
        "postgres", host="db", port=5432, schema="crm", login="hub", password="pw-of-airflow"
    )
    assert settings_in_task().url("crm") == "postgresql+psycopg2://hub:pw-of-airflow@db:5432/crm"
    assert "pw-of-airflow" in masked
