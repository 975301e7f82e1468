"""What is brought up to date change by change is what would be made of it all anew."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path

import duckdb
import pytest

from settings import Settings
from tests.warehouse.company import AS_OF, run_sql, settings_at
from tests.warehouse.histories import Histories
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.model import models
from warehouse.runner import Made, build

pytestmark = pytest.mark.slow


def bring_up(settings: Settings, now: dt.datetime) -> dict[str, Made]:
    """Extract, core and marts; what became of each table."""
    extract(settings, as_of=now)
    with open_build(settings) as connection:
        return {made.relation: made for made in build(connection, "core", "marts")}


def differences(settings: Settings, beside: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows by table that the build has and a build of everything anew has not, or the other way round."""
    anew = settings_at(beside)
    shutil.rmtree(beside, ignore_errors=True)
    anew.build_file.parent.mkdir(parents=True)
    shutil.copy(settings.build_file, anew.build_file)
    with open_build(anew) as connection:
        build(connection, "core", "marts", full=True)
        connection.execute(f"attach '{settings.build_file}' as stepwise (read_only)")
        found = {}
        for model in models():
            if model.layer != "staging":
                there, here = f"stepwise.{model.relation}", model.relation
                rows = connection.execute(
                    f"(from {there} except all from {here}) union all (from {here} except all from {there})"
                ).fetchall()
                if rows:
                    found[model.relation] = rows
    return found


@pytest.fixture(autouse=True)
def _row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so small a company every change is a large share; here it is told row by row all the same."""
    monkeypatch.setattr("warehouse.changes.WORTH_ITS_ROWS", 1_000_000)


@pytest.fixture
def story(told: Settings, tmp_path: Path) -> Settings:
    """The story's stores, built once, without what was published."""
    shutil.copytree(told.home / "stores", tmp_path / "home" / "stores")
    settings = settings_at(tmp_path / "home")
    bring_up(settings, AS_OF)
    return settings


@pytest.mark.parametrize("seed", [1, 2])
def test_step_by_step_is_as_all_anew(story: Settings, tmp_path: Path, seed: int) -> None:
    assert_histories_agree(story, tmp_path / "anew", seed=seed, builds=4, acts=6)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10, 13))
def test_many_histories_step_by_step_are_as_all_anew(story: Settings, tmp_path: Path, seed: int) -> None:
    assert_histories_agree(story, tmp_path / "anew", seed=seed, builds=8, acts=8)


def assert_histories_agree(settings: Settings, beside: Path, *, seed: int, builds: int, acts: int) -> None:
    what = Histories(settings, random.Random(seed), AS_OF)
    for _ in range(builds):
        done = [what.act() for _ in range(what.random.randint(1, acts))]
        bring_up(settings, what.now)
        assert not differences(settings, beside), f"after {', '.join(done)}"


def test_another_zone_or_currency_is_another_company(story: Settings, tmp_path: Path) -> None:
    for more in ({"timezone": "Asia/Shanghai"}, {"timezone": "Asia/Shanghai", "currency": "USD"}):
        moved = settings_at(story.home, **more)
        bring_up(moved, AS_OF + dt.timedelta(minutes=1))
        assert not differences(moved, tmp_path / "anew")


def test_only_what_a_change_touches_is_made_anew(story: Settings) -> None:
    run_sql(story, "erp", "update payments set amount = '41.0000' where payment_no = 'PA-2026-00003'")
    made = bring_up(story, AS_OF + dt.timedelta(minutes=1))
    assert (made["core.fct_payment"].how, made["core.fct_payment"].changed) == ("changed", 1)
    assert (made["core.fct_order"].how, made["core.fct_order"].changed) == ("changed", 1)
    assert made["core.fct_attendance"].how == made["core.dim_customer"].how == "kept"


def test_a_second_build_keeps_every_table(story: Settings) -> None:
    with open_build(story) as connection:
        again = build(connection, "core", "marts")
    assert {made.how for made in again} == {"kept"}


def test_changed_rows_are_dropped_once_everything_made_of_them_is_there(story: Settings) -> None:
    run_sql(story, "erp", "update payments set amount = '41.0000' where payment_no = 'PA-2026-00003'")
    bring_up(story, AS_OF + dt.timedelta(minutes=1))
    with duckdb.connect(str(story.build_file), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'delta' and table_name not in "
            "('changes', 'clock')"
        ).fetchall()
        assert tables
        for (table,) in tables:
            assert connection.execute(f"select count(*) from delta.{table}").fetchone() == (0,)


def test_history_is_joined_as_of_the_event(story: Settings) -> None:
    """Joe's request of April keeps his department of April; one filed after he moved has the new one."""
    run_sql(
        story,
        "oa",
        "insert into departments (department_no, name, country) values ('D-TWO', 'Two', 'ES')",
        "update employees set department_no = 'D-TWO' where employee_no = 'E-0003'",
        "insert into approval_requests (request_no, kind, requester_no, subject, amount, currency, status, "
        "requested_at, channel) select 'AR-LATER', 'purchase', 'E-0003', 'x', '1.0000', 'EUR', 'pending', "
        "strftime('%Y-%m-%d %H:%M:%f000', 'now', '+1 minute'), 'system'",
    )
    bring_up(story, dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    with duckdb.connect(str(story.build_file), read_only=True) as connection:
        found = dict(
            connection.execute(
                "select request_no, department_no from core.fct_approval "
                "where request_no in ('AR-2026-00010', 'AR-LATER')"
            ).fetchall()
        )
    assert found == {"AR-2026-00010": "D-ALL", "AR-LATER": "D-TWO"}


def test_an_amount_of_millions_is_converted_exactly(story: Settings) -> None:
    run_sql(
        story, "crm", "update orders set total_amount = '12345678901234.5678', currency = 'USD', "
        "ordered_at = '2026-06-02 10:00:00.000000' where order_no = 'CO-2026-00003'"
    )  # fmt: skip
    bring_up(story, AS_OF + dt.timedelta(minutes=1))
    with duckdb.connect(str(story.build_file), read_only=True) as connection:
        row = connection.execute(
            "select cast(amount as varchar) from core.fct_order where order_no = 'CO-2026-00003'"
        ).fetchone()
    # 12345678901234.5678 * 0.92 = 11358024589135.802376
    assert row == ("11358024589135.8024",)
