"""Passwords and tokens stay where they were put: no failure shows one, whatever it says, and wherever."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from commands.airflow_env import airflow_environment, migrate
from connectors.errors import TriadaError
from connectors.protocol import Read
from connectors.registry import connect
from hub.desk import open_desk
from models import SYSTEMS, ddl, oa
from settings import Settings
from tests.promises.spies import Watch, holding, indiscreet_api, indiscreet_postgresql
from tests.promises.wire import served

ROOT = Path(__file__).resolve().parent.parent.parent
MARK = "S3cret-MARK"
PASSWORD, TOKEN = f"{MARK}-pass:w@rd/7", f"{MARK}-token.7"
QUOTED = f"{MARK}-pass%3Aw%40rd%2F7"
RAW = f"{MARK}-pass:word/7"
"""One that nobody quoted; only what must be was left out."""


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def postgresql_port() -> Iterator[int]:
    with indiscreet_postgresql() as port:
        yield port


@pytest.fixture
def api_port() -> Iterator[int]:
    with indiscreet_api() as port:
        yield port


def addresses(postgresql: int, mariadb: int, closed: int) -> dict[str, str]:
    """Addresses with a password, each wrong in its own way."""
    return {
        "a server that repeats it": f"postgresql://hub:{QUOTED}@127.0.0.1:{postgresql}/crm",
        "a server that repeats one unquoted": f"postgresql://hub:{RAW}@127.0.0.1:{postgresql}/crm",
        "one as a parameter": f"postgresql://hub@127.0.0.1:{postgresql}/crm?password={QUOTED}",
        "refused": f"mariadb://nobody_here:{QUOTED}@127.0.0.1:{mariadb}/crm",
        "no answer from postgresql": f"postgresql://hub:{QUOTED}@127.0.0.1:{closed}/crm",
        "no answer from mariadb": f"mariadb://hub:{QUOTED}@127.0.0.1:{closed}/crm",
        "no such host": f"postgresql://hub:{QUOTED}@no-such-host.invalid/crm",
        "no driver": f"oracle://hub:{QUOTED}@127.0.0.1/crm",
        "no database": f"postgresql://hub:{QUOTED}@127.0.0.1",
        "no port": f"postgresql://hub:{QUOTED}@127.0.0.1:x/crm",
        "no option": f"postgresql://hub:{QUOTED}@127.0.0.1:{postgresql}/crm?no_such_option=1",
        "a password in a web address": f"https://hub:{QUOTED}@127.0.0.1:{closed}",
    }


WRONG = list(addresses(0, 0, 0))


def told_of(error: BaseException) -> str:
    """All that a person or a log could see of an error: its message, its causes, the lines of code."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("wrong", WRONG)
def test_a_connectors_error_shows_no_password(
    wrong: str, postgresql_port: int, closed_port: int, mariadb_url: str
) -> None:
    mariadb = sa.make_url(mariadb_url).port or 3306
    with pytest.raises(TriadaError) as raised:
        connector = connect("crm", addresses(postgresql_port, mariadb, closed_port)[wrong])
        try:
            connector.open_window(Read("crm.accounts"), None)
        finally:
            connector.close()
    assert MARK not in str(raised.value)
    assert MARK not in told_of(raised.value)


def test_an_http_systems_refusal_shows_no_token(api_port: int) -> None:
    connector = connect("crm", f"http://127.0.0.1:{api_port}", token=TOKEN)
    try:
        with pytest.raises(TriadaError, match="TRIADA_CRM_TOKEN") as raised:
            connector.open_window(Read("crm.accounts"), None)
        assert MARK not in told_of(raised.value)
        assert MARK not in repr(connector)
        assert MARK not in repr(vars(connector))
    finally:
        connector.close()


@pytest.mark.parametrize("wrong", [name for name in WRONG if name != "a password in a web address"])
def test_the_hubs_own_database_shows_no_password(
    wrong: str, postgresql_port: int, closed_port: int, mariadb_url: str, tmp_path: Path
) -> None:
    mariadb = sa.make_url(mariadb_url).port or 3306
    state = addresses(postgresql_port, mariadb, closed_port)[wrong]
    with pytest.raises(TriadaError) as raised, open_desk(Settings(home=tmp_path, state_url=state)):
        pass
    assert MARK not in told_of(raised.value)
    assert holding(tmp_path, [MARK]) == []


def test_settings_show_no_token(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, crm_token=SecretStr(TOKEN))
    assert MARK not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert settings.token("crm") == TOKEN


@pytest.mark.parametrize("password", [PASSWORD, RAW])
def test_a_log_line_with_any_of_them_holds_none(tmp_path: Path, password: str) -> None:
    quoted = sa.engine.url.URL.create("postgresql", "hub", password).render_as_string(hide_password=False)
    address = f"postgresql://hub:{RAW}@127.0.0.1/crm" if password == RAW else f"{quoted}127.0.0.1/crm"
    settings = Settings(home=tmp_path, crm_url=address, erp_token=SecretStr(TOKEN))
    log = logging.getLogger("triada.hub")
    with open_desk(settings):
        log.warning(
            "the driver said: login of hub with %s refused, token %s, at %s", password, TOKEN, address
        )
        try:
            raise ConnectionError(f"{address} with {password} and {TOKEN}")
        except ConnectionError:
            log.exception("it failed")
    written = (tmp_path / "logs" / "hub.jsonl").read_text()
    assert "the driver said" in written
    assert "ConnectionError" in written
    assert holding(tmp_path, [MARK]) == []


ADD_CONNECTIONS = """
import json, os
from airflow import settings
from airflow.models import Connection
for name, given in json.loads(os.environ["CONNECTIONS"]).items():
    settings.Session().add(Connection(conn_id=name, **given))
settings.Session().commit()
"""


class House:
    """A hub of its own, whose every command is run as a person runs it; all that they said is kept."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.said: list[str] = []

    def run(self, *command: str, ok: bool, **variables: str) -> str:
        """What the command said, both ways; it must end well or not, as told."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(variables), capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        self.said.append(done.stdout + done.stderr)
        assert (done.returncode == 0) == ok, self.said[-1]
        return self.said[-1]

    def triada(self, *words: str, ok: bool, **variables: str) -> str:
        return self.run(sys.executable, "cli.py", *words, ok=ok, **variables)

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        return {**inherited, "TRIADA_HOME": str(self.home), **variables}

    def connect(self, connections: Mapping[str, Mapping[str, object]]) -> None:
        """Keep Connections in Airflow's own database, as its web page does."""
        given = {name: dict(each) for name, each in connections.items()}
        settings = Settings(home=self.home)
        migrate(settings)
        self.run(
            sys.executable, "-c", ADD_CONNECTIONS, ok=True, CONNECTIONS=json.dumps(given),
            **airflow_environment(settings),
        )  # fmt: skip


@pytest.fixture
def mariadb_account(new_mariadb: Callable[[], str]) -> Iterator[sa.URL]:
    """A database of a CRM, for an account with our password; and what may show it."""
    root = sa.make_url(new_mariadb())
    engine = sa.create_engine(root)
    name = f"triada_{uuid.uuid4().hex[:8]}"
    try:
        ddl.create(engine, SYSTEMS["crm"])
        with engine.begin() as connection:
            connection.exec_driver_sql(f"create user {name}@'%%' identified by '{PASSWORD}'")
            connection.exec_driver_sql(f"grant all on {root.database}.* to {name}@'%%'")
        yield root.set(username=name, password=PASSWORD)
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"drop user if exists {name}@'%%'")
        engine.dispose()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_neither_a_day_that_goes_well_nor_one_that_fails_leaves_a_secret_anywhere(
    tmp_path: Path, mariadb_account: sa.URL, postgresql_port: int, api_port: int
) -> None:
    """Airflow's Connections, logs, XCom and database; the hub's state, quarantine, logs; every process."""
    house = House(tmp_path / "home")
    words = [MARK, QUOTED]
    with ExitStack() as stack:
        watch = stack.enter_context(Watch(words))
        urls = {name: f"sqlite:///{tmp_path / name}.db" for name in ("oa", "erp")}
        people(tmp_path, urls)
        address, token = stack.enter_context(served("erp", urls["erp"]))
        words.append(token)
        watch.look_for(token)
        house.connect(
            {
                "triada_crm": database_connection(mariadb_account),
                "triada_erp": http_connection(address, token),
            }
        )
        oa = {"TRIADA_OA_URL": urls["oa"]}
        said = house.triada("run", "people", "--json", ok=True, **oa)
        steps = json.loads(said[said.index("{") : said.rindex("}") + 1])["steps"]
        assert [(step["written"], step["quarantined"]) for step in steps] == [(1, 1), (1, 1)]
        environment = {
            **oa,
            "TRIADA_CRM_URL": mariadb_account.render_as_string(hide_password=False),
            "TRIADA_ERP_URL": address,
            "TRIADA_ERP_TOKEN": token,
        }
        for command in ("run people --direct", "quarantine list", "reconcile people"):
            house.triada(*command.split(), ok=True, **environment)
        told = database_connection(sa.make_url(f"postgresql://hub:{QUOTED}@127.0.0.1:{postgresql_port}/oa"))
        house.triada("run", "people", ok=False, **oa, AIRFLOW_CONN_TRIADA_OA=json.dumps(told))
        wrong = {
            "TRIADA_OA_URL": f"postgresql://hub:{QUOTED}@127.0.0.1:{postgresql_port}/oa",
            "TRIADA_CRM_URL": mariadb_account.set(username="nobody_here").render_as_string(
                hide_password=False
            ),
            "TRIADA_ERP_URL": f"http://127.0.0.1:{api_port}",
            "TRIADA_ERP_TOKEN": TOKEN,
        }
        for command in ("run all --direct", "reconcile", "token list", "run people --dry-run"):
            house.triada(*command.split(), ok=False, **wrong)
        house.triada("status", ok=False, TRIADA_STATE_URL=wrong["TRIADA_OA_URL"])
    assert watch.looks > 50
    assert watch.seen == set()
    lines = [line for text in house.said for line in text.splitlines()]
    assert [line for line in lines if any(word in line for word in words)] == []
    # It was said, and masked, in Airflow's logs, the hub's own log and its database.
    places = {place.partition("/")[0] for place in holding(house.home, ["(given: ***)"])}
    assert {"airflow", "logs", "stores"} <= places
    assert holding(tmp_path, words) == []


def people(folder: Path, urls: Mapping[str, str]) -> None:
    """An OA with two employees, one without a name; and an empty ERP."""
    person = {
        "name": "Ana", "email": "ana@example.com", "job_title": "Clerk", "country": "ES",
        "role": "staff", "timezone": "Europe/Madrid", "hired_on": date(2026, 1, 5),
    }  # fmt: skip
    for system, url in urls.items():
        (folder / f"{system}.db").touch()
        engine = sa.create_engine(url)
        ddl.create(engine, SYSTEMS[system])
        if system == "oa":
            with engine.begin() as connection:
                connection.execute(
                    sa.insert(oa.departments).values(department_no="D-1", name="Office", country="ES")
                )
                rows = [{**person, "employee_no": f"E-{n}", "department_no": "D-1"} for n in (1, 2)]
                rows[1]["name"] = " "
                connection.execute(sa.insert(oa.employees), rows)
        engine.dispose()


def database_connection(url: sa.URL) -> dict[str, object]:
    """An address as a Connection of Airflow."""
    return {
        "conn_type": "postgres" if url.get_backend_name() == "postgresql" else "mysql", "host": url.host,
        "port": url.port, "login": url.username, "password": url.password, "schema": url.database,
    }  # fmt: skip


def http_connection(address: str, token: str) -> dict[str, object]:
    host, _, port = address.removeprefix("http://").partition(":")
    return {"conn_type": "http", "host": host, "port": int(port), "password": token}
