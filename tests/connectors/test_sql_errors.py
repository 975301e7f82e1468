"""What stops everything is told by its fate, with the system's name and without its secrets."""

from __future__ import annotations

import socket
import sqlite3
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors import sql_engine
from connectors.errors import Misconfigured, Refused, TriadaError, Unreachable
from connectors.protocol import Connector, Read
from connectors.registry import connect
from connectors.sql_errors import Fate, Fault, system_error
from tests.connectors.conftest import Database
from tests.connectors.rows import ACCOUNTS, account, effects

READ = Read("crm.accounts")
SECRET = "pa55word-of-the-store"


def failure(url: str) -> TriadaError:
    """The error of asking a CRM at this address."""
    connector = connect("crm", url)
    try:
        with pytest.raises(TriadaError) as raised:
            connector.open_window(READ, None)
    finally:
        connector.close()
    shown = "".join(traceback.format_exception(raised.value))
    assert SECRET not in shown
    assert str(raised.value).startswith("crm (")
    return raised.value


@pytest.mark.parametrize("changes", [{"username": "nobody_here"}, {"database": "nothing_here"}])
def test_a_wrong_login_or_database_is_refused(database: Database, changes: dict[str, str]) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has neither accounts nor several databases in a file")
    url = sa.make_url(database.urls["crm"]).set(password=SECRET, **changes)  # type: ignore[arg-type]
    error = failure(url.render_as_string(hide_password=False))
    assert isinstance(error, Refused)
    assert "TRIADA_CRM_URL" in str(error)


@pytest.mark.parametrize("driver", ["postgresql", "mariadb"])
def test_a_server_that_does_not_answer_is_unreachable(driver: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error = failure(f"{driver}://triada:{SECRET}@127.0.0.1:{port}/crm")
    assert isinstance(error, Unreachable)
    assert f"127.0.0.1:{port}/crm" in str(error)


@pytest.mark.parametrize("driver", ["postgresql", "mariadb"])
def test_a_server_that_stays_silent_is_unreachable(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("CONNECT_TIMEOUT_S", "ANSWER_TIMEOUT_S"):
        monkeypatch.setattr(sql_engine, wait, 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(f"{driver}://triada:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/crm")
    assert isinstance(error, Unreachable)


def test_a_store_without_its_tables_is_refused(database: Database) -> None:
    error = failure(database.urls["erp"])
    assert isinstance(error, Refused)
    assert "accounts" in str(error)


def test_connections_that_the_server_ended_are_opened_anew(crm: Connector, database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no server to end a connection")
    crm.open_window(READ, None)
    if database.kind == "postgresql":
        database.sql(
            "crm",
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()",
        )
    else:
        others = (
            "select id from information_schema.processlist where db = database() and id <> connection_id()"
        )
        for (process,) in database.sql("crm", others):
            database.sql("crm", f"kill {process}")
    assert effects(crm.write(ACCOUNTS, [account(1)])) == ["inserted"]


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "typo.db"
    assert isinstance(failure(f"sqlite:///{path}"), Refused)
    assert not path.exists()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    path.write_text("not a database, but long enough to be looked at as if it were one" * 20)
    assert isinstance(failure(f"sqlite:///{path}"), Refused)


def test_a_database_that_stays_locked_is_unreachable(
    sqlite_urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_engine, "LOCK_TIMEOUT_S", 0)
    path = str(sa.make_url(sqlite_urls["crm"]).database)
    holder = sqlite3.connect(path, isolation_level=None)
    connector = connect("crm", sqlite_urls["crm"])
    try:
        holder.execute("pragma journal_mode = wal")
        holder.execute("begin immediate")
        with pytest.raises(Unreachable, match="locked"):
            connector.write(ACCOUNTS, [account(1)])
    finally:
        connector.close()
        holder.close()


def test_a_password_that_a_driver_repeats_is_not_shown() -> None:
    url = sa.make_url(f"postgresql+psycopg2://triada:{SECRET}@127.0.0.1/crm?sslpassword=other-secret")
    error = system_error("crm", url, Fault(Fate.UNREACHABLE, f"cannot connect with password={SECRET}"))
    assert str(error).startswith("crm (postgresql 127.0.0.1/crm) did not do it: ")
    assert "secret" not in str(error)
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    "url",
    [
        f"no address {SECRET}",
        f"oracle://scott:{SECRET}@127.0.0.1/crm",
        f"postgresql+asyncpg://triada:{SECRET}@127.0.0.1/crm",
        f"postgresql://triada:{SECRET}@127.0.0.1",
        f"https://triada:{SECRET}@127.0.0.1/crm",
        "sqlite://",
        "sqlite:///:memory:",
        "",
    ],
)
def test_an_address_that_cannot_be_one_is_misconfigured(url: str) -> None:
    with pytest.raises(Misconfigured, match="crm: ") as raised:
        connect("crm", url)
    assert SECRET not in str(raised.value)


def test_a_system_that_is_none_is_misconfigured() -> None:
    with pytest.raises(Misconfigured, match="'hr'"):
        connect("hr", "sqlite:///hr.db")


def test_making_a_connector_connects_to_nothing() -> None:
    connect("crm", "postgresql://triada@127.0.0.1:1/crm").close()


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_password_that_was_not_encoded_is_refused_and_no_part_of_it_told(scheme: str) -> None:
    with pytest.raises(Misconfigured, match=r"crm: its URL holds more than one @; .*%40") as raised:
        sql_engine.parse("crm", f"{scheme}://reader:p@ss'w/rd@db.example/crm?application_name=a@b")
    assert "ss'w" not in str(raised.value)
    assert sql_engine.parse("crm", f"{scheme}://reader:p%40ss@db.example/crm?application_name=a@b").password


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@h:54x/crm", "http://h:54x/v1", "mariadb://u@[::1]:54x/crm"]
)
def test_a_port_that_is_none_is_told_with_its_setting(url: str) -> None:
    said = r"^crm: the port in its URL is '54x'; expected a whole number .*; correct TRIADA_CRM_URL$"
    with pytest.raises(Misconfigured, match=said):
        connect("crm", url, token="t")


@pytest.mark.parametrize("url", ["postgresql://u@h:0/crm", "postgres://u@h:65536/crm", "mysql://u@h:/crm"])
def test_a_port_out_of_range_or_left_out_after_its_colon_is_none(url: str) -> None:
    with pytest.raises(Misconfigured, match="the port in its URL is '"):
        sql_engine.parse("state", url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2/crm", "postgresql://u:p@h:hunter2secret/crm", "http://u:p@hunter2:80",
        "http://u:p@ss:hunter2@host:80", "http://u:hunter2/x@host", "http://host:hunter2secret/",
    ],
)  # fmt: skip
def test_a_password_that_stands_where_a_port_would_is_not_told(url: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        connect("crm", url, token="t")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:pa/ss@h:5432/crm", "postgresql://h/crm", "postgres://u@[::1]/crm",
        "postgresql://db.example/crm?user=hub&password=p@ss:word1", "postgresql://u:a?b:c@h/crm",
        "postgresql://u@/crm?host=/run/db", "sqlite:////a@b:c/crm.db", "mysql://u@h:3306/crm?init=a%40b",
    ],
)  # fmt: skip
def test_an_address_with_a_good_port_or_none_is_taken(url: str) -> None:
    assert sql_engine.parse("crm", url).database
