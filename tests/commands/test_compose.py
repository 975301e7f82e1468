"""The containers run the very programs that `up` runs, on this machine's own address alone."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from commands.airflow_env import ROOT, airflow_environment
from commands.service import AIRFLOW, APIS, MIGRATE, REPORTS, STORES, main
from commands.up import command
from connectors.errors import Misconfigured
from settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name in SERVICES if name != "postgres"]


def test_the_services_are_those_of_up_and_a_database() -> None:
    assert sorted(SERVICES) == sorted([*AIRFLOW, *APIS, STORES, REPORTS, MIGRATE, "postgres"])


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_what_up_runs(name: str) -> None:
    python, *arguments = SERVICES[name]["command"]
    assert python == "/app/.venv/bin/python"
    assert arguments == command(name)[1:]
    assert SERVICES[name]["environment"]["TRIADA_HOME"] == "/app/var"
    assert SERVICES[name]["volumes"] == ["home:/app/var"]


def test_images_are_pinned_to_a_patch_version() -> None:
    images = [service["image"] for service in SERVICES.values()]
    base = re.findall(r"^FROM (\S+)", SERVICES["scheduler"]["build"]["dockerfile_inline"], re.M)
    assert base
    assert all(re.search(r":\d+\.\d+(\.\d+)?(-\w+)*$", image) for image in [*images, *base])


def test_published_ports_are_on_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_volumes_and_files_that_services_use_are_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])
    made = re.findall(r"create database (\w+);", COMPOSE["configs"]["databases"]["content"])
    urls = [value for value in SERVICES["scheduler"]["environment"].values() if "@postgres" in value]
    assert sorted(url.rpartition("/")[2] for url in urls) == sorted([*made, "state"])


def test_no_password_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r":([^/{}]+)@postgres", text) == []
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${TRIADA_POSTGRES_PASSWORD:?")


def test_who_needs_the_database_waits_for_it() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in OURS:
        if name != "migrate":
            assert SERVICES[name]["depends_on"] == {
                "migrate": {"condition": "service_completed_successfully"}
            }


@pytest.mark.parametrize("name", ["postgres", *AIRFLOW, *APIS, REPORTS])
def test_a_service_says_whether_it_is_well(name: str) -> None:
    kind, *check = SERVICES[name]["healthcheck"]["test"]
    assert kind in ("CMD", "CMD-SHELL")
    if "-c" in check:
        program = check[check.index("-c") + 1]
        compile(program, "healthcheck", "exec")


def test_what_compose_sets_wins_over_what_up_would_set(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = SERVICES["api-server"]["environment"]
    for name, value in inside.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    environment = airflow_environment(Settings())
    ours = {name: value for name, value in inside.items() if name.startswith("AIRFLOW")}
    assert {name: environment[name] for name in ours} == ours


def test_an_unknown_service_is_named_with_those_there_are() -> None:
    with pytest.raises(Misconfigured, match="no service 'webserver'; there are api-server, scheduler"):
        main("webserver")


def test_the_launcher_that_the_image_uses_works_without_any_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "py_compile", str(ROOT / "triada")], check=False, capture_output=True
    )
    assert done.returncode == 0
