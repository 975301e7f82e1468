"""The three public data sets come in whole, with the figures their publishers' data hold."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from commands.import_ import run_import
from commands.output import Result
from settings import Settings
from tests.imports.shop import stored

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not there: ../shared/data"),
]


def bring_in(name: str, source: str, settings: Settings, *, mapping: Path | None = None) -> Result:
    return run_import(mapping or ROOT / "examples" / f"{name}.yml", source, settings, quiet=True)


def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", currency="EUR", timezone="Europe/Madrid")


def test_northwind_comes_in_to_the_cent_and_only_once(
    tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("no psql on this machine to load northwind.sql with")
    address = new_postgresql()
    plain = sa.make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    script = DATA / "northwind" / "northwind.sql"
    subprocess.run([psql, "-q", "-f", script, plain], check=True, capture_output=True)
    settings = home(tmp_path)
    result = bring_in("northwind", address, settings)
    assert result.ok
    assert result.problems == []
    lines = stored(settings, "crm.order_lines")
    assert len(lines) == len(stored(settings, "erp.sales_order_lines")) == 2155
    assert abs(sum(row["line_amount"] for row in lines) - Decimal("1265793.0387")) < Decimal("0.01")
    assert sum(row["total_amount"] for row in stored(settings, "crm.orders")) == Decimal("1265793.0395")
    counted = ("crm.orders", "crm.accounts", "crm.products", "erp.items", "erp.suppliers", "oa.employees")
    assert [len(stored(settings, stream)) for stream in counted] == [830, 91, 77, 77, 29, 9]
    statuses = Counter(row["status"] for row in stored(settings, "erp.sales_orders"))
    assert statuses == {"shipped": 809, "open": 21}
    assert len(stored(settings, "erp.shipments")) == 809
    assert stored(settings, "erp.payments") == stored(settings, "erp.receivables") == []
    again = bring_in("northwind", address, settings)
    assert sum(row["written"] for row in again.steps) == 0
    assert [row["read"] for row in again.steps] == [row["read"] for row in result.steps]


def test_crm_sales_comes_in_with_every_opportunity(tmp_path: Path) -> None:
    settings = home(tmp_path)
    result = bring_in("crm_sales", str(DATA / "crm_sales"), settings)
    assert result.ok
    leads = stored(settings, "crm.leads")
    stages = Counter(row["stage"] for row in leads)
    assert stages == {"won": 4238, "lost": 2473, "engaged": 1589, "new": 500}
    assert sum(row["won_amount"] for row in leads if row["won_amount"] is not None) == 10_005_534
    assert sum(row["account_no"] is None for row in leads) == 1425
    assert any("1425 rows" in note for note in result.notes)
    assert [len(stored(settings, s)) for s in ("crm.accounts", "crm.products")] == [85, 7]
    sectors = {row["sector"] for row in stored(settings, "crm.accounts")}
    assert "technology" in sectors
    assert "technolgy" not in sectors


def test_crm_sales_without_its_correction_names_the_product_that_comes_close(tmp_path: Path) -> None:
    given = yaml.safe_load((ROOT / "examples" / "crm_sales.yml").read_text())
    del given["corrections"]["sales_pipeline.product"]
    mapping = tmp_path / "crm_sales.yml"
    mapping.write_text(yaml.safe_dump(given))
    result = bring_in("crm_sales", str(DATA / "crm_sales"), home(tmp_path), mapping=mapping)
    (leads,) = [row for row in result.steps if row["step"] == "crm.leads"]
    assert (leads["read"], leads["written"], leads["quarantined"]) == (8800, 7320, 1480)
    assert "product came 'GTXPro'; expected one of products.product; close to 'GTX Pro'" in result.problems[0]


def test_bpi2020_comes_in_with_every_step(tmp_path: Path) -> None:
    settings = home(tmp_path)
    result = bring_in("bpi2020", str(DATA / "bpi2020"), settings)
    assert result.ok
    assert result.problems == []
    requests, steps = stored(settings, "oa.approval_requests"), stored(settings, "oa.approval_steps")
    assert (len(requests), len(steps)) == (10_357, 55_628)
    names = Counter(row["step_name"] for row in steps)
    assert names["Declaration FINAL_APPROVED by SUPERVISOR"] == 9_999
    assert names["Payment Handled"] == 9_912
    decisions = Counter(row["decision"] for row in steps)
    assert (decisions["submitted"], decisions["refused"]) == (11_371, 2_804)
    assert {row["kind"] for row in requests} == {"expense"}
    assert all((row["decided_at"] is None) == (row["status"] == "pending") for row in requests)
