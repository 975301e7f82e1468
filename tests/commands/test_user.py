"""An administrator adds users, sets passwords and keeps people out with commands."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

import settings
from cli import app
from commands.demo_users import choose, demo_users, password_file
from connectors.errors import Refused, TriadaError
from hub.state import State, open_state
from reports.access import users
from reports.access.passwords import Passwords
from reports.access.sessions import Sessions
from reports.access.users import Person
from tests.reports.access.conftest import NOW, PASSWORD, SECRET
from tests.reports.access.test_sessions import HOUR

EMPLOYEES = (
    ("E-0001", "Marta Ibáñez", "executive"), ("E-0002", "Luis Figueroa", "finance"),
    ("E-0004", "Ben Carter", "sales_manager"), ("E-0005", "Greta Baumann", "sales_manager"),
    ("E-0006", "Fanny Duarte", "hr"), ("E-0007", "Joe Marín", "sales"), ("E-0008", "Anna Weiss", "finance"),
    ("E-0009", "Ángel Tavares", "production"), ("E-0010", "Joe Silva", "staff"),
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A company whose warehouse is published."""
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    monkeypatch.setenv("TRIADA_PASSWORD_MEMORY_KIB", "8")
    settings.load.cache_clear()
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "triada.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_employee "
            "(employee_no text, name text, role text, is_current boolean, left_on date)"
        )
        for row in EMPLOYEES:
            connection.execute("insert into core.dim_employee values (?, ?, ?, true, null)", row)
        connection.execute("insert into core.dim_employee values ('E-0011', 'Old', 'hr', true, '2020-01-31')")
    yield tmp_path
    settings.load.cache_clear()


@pytest.fixture
def state(home: Path) -> Iterator[State]:
    assert home
    opened = open_state(settings.load().url("state"))
    yield opened
    opened.close()


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["user", *words], input=typed)


def add(name: str, *words: str, password: str = PASSWORD) -> Result:
    return run("add", name, *words, "--password-stdin", typed=f"{password}\n")


def refused(result: Result) -> str:
    assert isinstance(result.exception, TriadaError), result.output
    return str(result.exception)


def test_an_employee_is_added_with_a_password_that_opens(state: State) -> None:
    done = add("Joe", "--employee", "E-0007", "--locale", "es")
    assert (done.exit_code, done.output) == (0, "joe may sign in\n")
    joe = users.find(state, "joe")
    assert joe and (joe.employee_no, joe.role, joe.locale) == ("E-0007", None, "es")
    assert Passwords(8).matches(PASSWORD, joe.password_hash)


def test_an_outsider_is_added_with_a_role_and_may_have_no_password(state: State) -> None:
    assert run("add", "auditor", "--role", "finance", "--no-password").exit_code == 0
    auditor = users.find(state, "auditor")
    assert auditor and (auditor.role, auditor.password_hash) == ("finance", None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--employee", "E-0O07"), r"nobody works here as 'E-0O07'.*E-0007 \(Joe Marín, sales\)"),
        (("--employee", "joe"), r"near: E-0007 \(Joe Marín, sales\), E-0010 \(Joe Silva, staff\)"),
        (("--employee", "E-0011"), "nobody works here as 'E-0011'"),
        (("--role", "excutive"), r"no role 'excutive'.*; executive\?"),
        ((), "either --employee .* or --role"),
        (("--employee", "E-0007", "--role", "hr"), "either --employee .* or --role"),
        (("--role", "hr", "--locale", "de"), "texts in en, es only"),
    ],
)
def test_what_cannot_be_is_refused_before_a_password_is_asked_for(
    state: State, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(refused(run("add", "joe", *words)))
    assert users.everybody(state) == []


def test_a_short_password_and_a_name_that_is_taken_are_refused(state: State) -> None:
    assert "expected 12 or more" in refused(add("joe", "--role", "sales", password="short"))
    assert users.everybody(state) == []
    add("joe", "--role", "sales")
    assert "there is a user joe already" in refused(add("JOE", "--role", "hr"))


def test_without_a_terminal_a_password_is_not_waited_for(state: State) -> None:
    assert state
    assert "--password-stdin" in refused(run("add", "joe", "--role", "sales"))
    assert "has no password" in refused(run("add", "joe", "--role", "sales", "--password-stdin"))


@pytest.mark.parametrize("words", [("password", "joe", "--password-stdin"), ("disable", "joe")])
def test_a_new_password_and_being_disabled_end_sessions(state: State, words: tuple[str, ...]) -> None:
    add("joe", "--role", "sales")
    joe = users.find(state, "joe")
    assert joe
    sessions = Sessions(state, SECRET, lasts=12 * HOUR, idle=2 * HOUR)
    cookie = sessions.open(joe.user_no, now=NOW)
    assert run(*words, typed="another four green lamps\n").exit_code == 0
    assert run("enable", "joe").exit_code == 0
    assert sessions.user(cookie, now=NOW) is None


def test_a_name_that_nobody_has_is_told_with_near_ones(state: State) -> None:
    assert state
    add("joseph", "--role", "sales")
    for words in (("disable", "josef"), ("password", "josef"), ("enable", "josef")):
        assert "there is no user 'josef'; near: joseph" in refused(run(*words))


def test_the_list_says_who_may_sign_in_and_as_whom(home: Path, state: State) -> None:
    add("joe", "--employee", "E-0007")
    add("auditor", "--role", "finance")
    run("disable", "auditor")
    users.add(state, "gone", now=NOW, employee_no="E-0011")
    listed = {row["sign_in_name"]: row for row in json.loads(run("list", "--json").stdout)}
    told = {name: (row["name"], row["role"], row["state"]) for name, row in listed.items()}
    assert told == {
        "joe": ("Joe Marín", "sales", "active"),
        "auditor": (None, "finance", "disabled"),
        "gone": (None, None, "not in the OA, or has left"),
    }
    assert "argon2" not in run("list", "--json").stdout + run("list").stdout
    (home / "warehouse" / "triada.duckdb").unlink()
    assert "nothing is published yet" in run("list", "--json").stdout


def test_every_change_is_in_the_audit_log(state: State) -> None:
    assert state
    add("joe", "--role", "sales")
    run("password", "joe", "--password-stdin", typed="another four green lamps\n")
    run("disable", "joe")
    run("enable", "joe")
    acts = json.loads(run("audit", "--json").stdout)
    assert [act["action"] for act in acts] == ["user_enabled", "user_disabled", "user_password", "user_added"]
    assert {act["sign_in_name"] for act in acts} == {"joe"}
    assert all(act["what"].startswith("by ") for act in acts)
    assert json.loads(run("list", "--audit", "--json").stdout) == acts
    assert len(json.loads(run("audit", "--last", "2", "--json").stdout)) == 2
    assert "user_added" in run("audit").stdout


def test_the_demo_has_one_user_a_role_and_one_password_for_its_owner_alone(home: Path, state: State) -> None:
    added = {
        each["role"]: (each["sign_in_name"], each["employee_no"]) for each in demo_users(settings.load())
    }
    assert added == {
        "executive": ("marta", "E-0001"), "finance": ("anna", "E-0008"), "sales_manager": ("ben", "E-0004"),
        "sales": ("joe", "E-0007"), "production": ("angel", "E-0009"), "hr": ("fanny", "E-0006"),
        "staff": ("joe.e-0010", "E-0010"),
    }  # fmt: skip
    path = password_file(settings.load())
    assert path == home / "access" / "reports-password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    password = path.read_text().strip()
    assert all(Passwords(8).matches(password, user.password_hash) for user in users.everybody(state))
    assert demo_users(settings.load()) == []
    assert path.read_text().strip() == password


def test_the_demo_adds_nobody_where_there_is_a_user(home: Path, state: State) -> None:
    users.add(state, "root", now=NOW, role="executive")
    assert demo_users(settings.load()) == []
    assert not password_file(settings.load()).exists()
    assert home


def test_the_demo_without_a_publication_says_so_and_leaves_nothing(home: Path, state: State) -> None:
    (home / "warehouse" / "triada.duckdb").unlink()
    with pytest.raises(Refused, match="published warehouse"):
        demo_users(settings.load())
    assert users.everybody(state) == []
    assert not password_file(settings.load()).exists()


def test_a_role_that_nobody_has_gets_no_user() -> None:
    assert choose({"E-1": Person("Joe Marín", "sales")}) == {"joe": ("E-1", Person("Joe Marín", "sales"))}
    assert choose({}) == {}
