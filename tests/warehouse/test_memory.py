"""A build with little memory comes to the same tables by way of the disk, and takes no more than it may."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors.published_file import open_published
from settings import Settings
from tests.warehouse.builders import Job, finished
from tests.warehouse.company import settings_at
from warehouse import changes
from warehouse.build_file import open_build
from warehouse.leftovers import spill_folder

TIMES = 10_000
"""The story's five orders so often, with their lines and all that follows them."""
LITTLE_MB = 256
BESIDE_MB = 220
"""What a process takes beside DuckDB's buffers: what queries hold outside them, Python, allocators' slack.

140 to 170 MB were measured at a limit of 256 MB and 50,000 orders, event log and marts of processes included.
"""
KEYS = {
    "crm_orders": ("order_no",),
    "crm_order_lines": ("order_line_no", "order_no"),
    "erp_sales_orders": ("sales_order_no", "crm_order_no"),
    "erp_sales_order_lines": ("sales_order_line_no", "sales_order_no"),
    "erp_payments": ("payment_no", "sales_order_no"),
    "erp_shipments": ("shipment_no", "sales_order_no"),
}


def multiply(settings: Settings) -> None:
    """Each of these rows so often under keys of its own; and a verdict that lets it be published."""
    with open_build(settings) as build:
        tick = changes.next_tick(build)
        for table, keys in KEYS.items():
            columns = ", ".join(f'"{key}" || \'-\' || i as "{key}"' for key in keys)
            build.execute(
                f"insert into raw.{table} select r.* replace ({columns}) "
                f"from raw.{table} r, range({TIMES}) t(i)"
            )
            changes.note_whole(build, f"raw.{table}", tick=tick)
        build.execute("delete from quality.results")
        build.execute(
            "insert into quality.results (run_id, gate, outcome) "
            "select run_id, 'planted', 'passed' from raw.run"
        )


def content_of(settings: Settings) -> tuple[str, int]:
    """What tells the published rows from others, and how many orders there are."""
    with open_published(settings.published_file) as file:
        ((content, orders),) = file.execute(
            "select content, (select count(*) from core.fct_order) from marts.mart_publication"
        ).fetchall()
    return content, orders


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_build_with_little_memory_spills_and_says_the_same(told: Settings, tmp_path: Path) -> None:
    little, much = settings_at(tmp_path / "little"), settings_at(tmp_path / "much")
    shutil.copytree(told.home, much.home)
    multiply(much)
    shutil.copytree(much.home, little.home)
    stages = ("core", "marts", "publish")
    idle = finished(Job(much.home, stages=())).peak_mb
    roomy = finished(Job(much.home, stages=stages, settings={"warehouse_memory": "8GB"}))
    tight = finished(Job(little.home, stages=stages, settings={"warehouse_memory": f"{LITTLE_MB}MB"}))
    assert (roomy.error, tight.error) == ("", "")
    content = content_of(much)
    assert content[1] > 4 * TIMES
    assert content_of(little) == content
    assert roomy.peak_mb - idle > LITTLE_MB + BESIDE_MB  # or nothing would be proved
    assert tight.peak_mb - idle <= LITTLE_MB + BESIDE_MB
    assert not spill_folder(little).exists() or not list(spill_folder(little).iterdir())


@pytest.mark.parametrize("size", ["2GB", "512MB", "1GiB", "100 MB"])
def test_a_size_is_taken(size: str) -> None:
    assert Settings(warehouse_memory=size).warehouse_memory == size


@pytest.mark.parametrize("size", ["2", "lots", "-1GB", "64MB", "0GB", "80%"])
def test_what_is_no_size_or_too_small_is_told(size: str) -> None:
    with pytest.raises(ValueError, match="is no size of 100MB or more"):
        Settings(warehouse_memory=size)
