"""Airflow stays on this machine, keeps its secrets, and finds our packages before its DAG folder."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from commands import airflow_env
from commands.airflow_env import DAGS_FOLDER, ROOT, airflow_environment, migrate, prepare_home
from connectors.errors import Misconfigured
from settings import Settings

CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIRFLOW_HOME", "PYTHONPATH", CONNECTION, f"{CONNECTION}_ASYNC", DAGS_FOLDER):
        monkeypatch.delenv(name, raising=False)


def test_every_address_is_this_machine(tmp_path: Path) -> None:
    environment = airflow_environment(Settings(home=tmp_path, airflow_port=9091))
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__PORT"] == "9091"
    addresses = [value for name, value in environment.items() if "://" in value and "SQL_ALCHEMY" not in name]
    assert addresses
    assert all(address.startswith("http://127.0.0.1:9091") for address in addresses)


def test_it_lives_under_the_home_with_its_own_database(tmp_path: Path) -> None:
    environment = airflow_environment(Settings(home=tmp_path))
    assert environment["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert environment[CONNECTION] == f"sqlite:///{tmp_path}/airflow/airflow.db"
    assert environment[f"{CONNECTION}_ASYNC"] == f"sqlite+aiosqlite:///{tmp_path}/airflow/airflow.db"
    assert environment[DAGS_FOLDER] == str(ROOT / "dags")


def test_a_given_database_is_used_with_a_driver_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION, "postgresql+psycopg2://me@db/airflow")
    environment = airflow_environment(Settings(home=tmp_path))
    assert environment[CONNECTION] == "postgresql+psycopg2://me@db/airflow"
    assert environment[f"{CONNECTION}_ASYNC"] == "postgresql+psycopg_async://me@db/airflow"


def test_the_database_of_another_airflow_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/somewhere/else")
    monkeypatch.setenv(CONNECTION, "postgresql+psycopg2://me@db/theirs")
    environment = airflow_environment(Settings(home=tmp_path))
    assert environment[CONNECTION] == f"sqlite:///{tmp_path}/airflow/airflow.db"


def test_children_have_the_settings_of_this_process(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, currency="USD", crm_url="sqlite:////crm.db")
    environment = airflow_environment(settings)
    assert environment["TRIADA_HOME"] == str(tmp_path)
    assert environment["TRIADA_CURRENCY"] == "USD"
    assert environment["TRIADA_CRM_URL"] == "sqlite:////crm.db"
    assert "TRIADA_ERP_URL" not in environment


def test_children_have_the_tokens_themselves(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, crm_token=SecretStr("triada_crm_1"))
    assert airflow_environment(settings)["TRIADA_CRM_TOKEN"] == "triada_crm_1"


def test_our_packages_come_before_what_was_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"/opt/lib:{ROOT}")
    assert airflow_environment(Settings(home=tmp_path))["PYTHONPATH"] == f"{ROOT}:/opt/lib"


def test_home_and_password_are_closed_to_others(tmp_path: Path) -> None:
    home = prepare_home(Settings(home=tmp_path))
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    secret = home / "password.json"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    password = json.loads(secret.read_text())["admin"]
    assert len(password) >= 16
    prepare_home(Settings(home=tmp_path))
    assert json.loads(secret.read_text())["admin"] == password


def fake_airflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str) -> Path:
    """Put ``program`` in the place of ``python -m airflow db migrate``; the file counts its calls."""
    calls = tmp_path / "calls"
    counting = f"open({str(calls)!r}, 'a').write('x'); {program}"

    def run(_command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        done: subprocess.CompletedProcess[bytes] = real([sys.executable, "-c", counting], **options)  # type: ignore[call-overload]
        return done

    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_migrating_twice_migrates_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "airflow" / "airflow.db"
    calls = fake_airflow(monkeypatch, tmp_path, f"open({str(made)!r}, 'w')")
    for _ in range(3):
        migrate(Settings(home=tmp_path))
    assert calls.read_text() == "x"


def test_a_lost_database_or_a_new_airflow_is_migrated_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "airflow" / "airflow.db"
    calls = fake_airflow(monkeypatch, tmp_path, f"open({str(made)!r}, 'w')")
    migrate(Settings(home=tmp_path))
    made.unlink()
    migrate(Settings(home=tmp_path))
    monkeypatch.setattr(airflow_env, "version", lambda _name: "99.0")
    migrate(Settings(home=tmp_path))
    assert calls.read_text() == "xxx"


def test_a_failed_migration_says_why_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake_airflow(monkeypatch, tmp_path, "raise SystemExit('the disk is full')")
    with pytest.raises(Misconfigured, match=r"the disk is full; see .*logs/migrate\.log"):
        migrate(Settings(home=tmp_path))
    with pytest.raises(Misconfigured):
        migrate(Settings(home=tmp_path))
    assert calls.read_text() == "xx"
