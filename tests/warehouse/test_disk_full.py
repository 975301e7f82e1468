"""A disk without room: a clear error, the last good publication stays and says so, and room mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import Refused
from connectors.published_file import open_published
from settings import Settings
from tests.warehouse.company import AS_OF, run_sql, settings_at
from tests.warehouse.conftest import build_all
from warehouse.build import core, marts
from warehouse.extract import extract
from warehouse.gates import gate
from warehouse.publish import publish
from warehouse.status import read_status

DISK_KB = 96 * 1024
STEPS: dict[str, Callable[[Settings], object]] = {
    "extract": lambda settings: extract(settings, as_of=AS_OF),
    "core": core,
    "marts": marts,
    "gate": gate,
    "publish": publish,
}
SAYS = r"warehouse \(.*\): the disk is full, .* MB are free: .*; expected room for the build file.*free some"


@pytest.fixture
def company(published: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A published company whose warehouse folder is a small file system of its own."""
    small = tmp_path / "small"
    shutil.copytree(published.home, small)
    folder = small / "warehouse"
    shutil.rmtree(folder)
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system needs a user who may mount one: {mounted.stderr.strip()}")
    try:
        shutil.copytree(published.published_file.parent, folder, dirs_exist_ok=True)
        yield settings_at(small)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def leave_kb(settings: Settings, free_kb: int) -> Path:
    """Fill the disk but for so much."""
    ballast = settings.published_file.with_name("ballast")
    stat = os.statvfs(ballast.parent)
    ballast.write_bytes(b"\0" * (stat.f_bavail * stat.f_frsize - free_kb * 1024))
    return ballast


def payments(settings: Settings) -> list[tuple[Any, ...]]:
    with open_published(settings.published_file) as file:
        return file.execute("from core.fct_payment").fetchall()


def fails_at(settings: Settings) -> str:
    """The step that is refused for want of room; its message says all that it should."""
    for name, step in STEPS.items():
        try:
            step(settings)
        except Refused as error:
            with pytest.raises(Refused, match=SAYS):
                raise error
            return name
    return ""


def check_full_then_mended(settings: Settings, ballast: Path) -> None:
    """What was published stays and says since when it is stale; with room the next build is right."""
    folder = settings.published_file.parent
    status = read_status(settings)
    assert status["state"] == "stale"
    assert status["stale_since"] > status["published_at"]
    assert "disk" in status["error"]
    assert len(payments(settings)) == 4
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
    with pytest.raises(Refused):
        build_all(settings)
    assert read_status(settings)["stale_since"] == status["stale_since"]
    ballast.unlink()
    assert build_all(settings)["state"] == "fresh"
    status = read_status(settings)
    assert (status["state"], status["stale_since"], status["error"]) == ("fresh", None, None)
    assert len(payments(settings)) == 3
    assert {path.name for path in folder.iterdir()} == {
        *("build.duckdb", "build.lock", "status.json", "triada.duckdb"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("free_kb", [0, 64, 512])
def test_a_build_file_that_cannot_grow(company: Settings, free_kb: int) -> None:
    run_sql(company, "erp", "delete from payments where payment_no = 'PA-2026-00004'")
    company.build_file.unlink()
    ballast = leave_kb(company, free_kb)
    assert fails_at(company) in ("extract", "core", "marts", "gate")
    check_full_then_mended(company, ballast)


@pytest.mark.slow
@pytest.mark.parametrize("free_kb", [0, 16, 1024])
def test_a_publication_that_does_not_fit(company: Settings, free_kb: int) -> None:
    run_sql(company, "erp", "delete from payments where payment_no = 'PA-2026-00004'")
    for name in ("extract", "core", "marts", "gate"):
        STEPS[name](company)
    ballast = leave_kb(company, free_kb)
    with pytest.raises(Refused, match=SAYS):
        publish(company)
    check_full_then_mended(company, ballast)


def test_a_company_never_published_has_nothing_to_be_stale(company: Settings) -> None:
    for path in company.published_file.parent.iterdir():
        path.unlink()
    leave_kb(company, 0)
    assert fails_at(company) == "extract"
    assert read_status(company)["state"] == "missing"
