"""Another build between two stages of the DAG: what is published is of one read, or held with a reason."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse.extract
from checks.sql_gate import Verdict
from flows import warehouse as flow
from settings import Settings
from tests.warehouse.company import AS_OF, put, run_sql, settings_at
from tests.warehouse.test_publish import contents
from warehouse import build, gates
from warehouse.build_file import open_build
from warehouse.build_lock import building_alone
from warehouse.extract import extract
from warehouse.model import models
from warehouse.publish import publish
from warehouse.selection import with_all_they_read
from warehouse.status import read_status

pytestmark = pytest.mark.slow

STAGES = tuple(stage.name for stage in flow.WAREHOUSE.stages)
ORDER, OTHER = "CO-2026-00003", "CO-2026-00004"
LATER = AS_OF + dt.timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _at_one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ages are counted to the same instant in every build, so that publications can be compared."""
    monkeypatch.setattr(warehouse.extract, "extract", partial(extract, as_of=AS_OF))


@pytest.fixture(scope="module")
def forecast_home(told: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story published by the DAG's own stages, its forecasts included; only to be copied."""
    home = tmp_path_factory.mktemp("by_the_dag") / "home"
    shutil.copytree(told.home, home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.extract, "extract", partial(extract, as_of=AS_OF))
        dag(settings_at(home), *STAGES)
    return home


@dataclass(frozen=True)
class Changed:
    """The stores after a change, and what a build of everything anew publishes of them."""

    stores: Path
    anew: dict[str, list[tuple[object, ...]]]

    def happen(self, settings: Settings) -> None:
        """The change is made in these stores."""
        shutil.copytree(self.stores, settings.home / "stores", dirs_exist_ok=True)


@pytest.fixture(scope="module")
def changed(forecast_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """One order is cancelled, another grows with its lines and is paid less for."""
    home = tmp_path_factory.mktemp("changed") / "home"
    shutil.copytree(forecast_home, home)
    settings = settings_at(home)
    cancel(settings)
    grow(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.extract, "extract", partial(extract, as_of=AS_OF))
        for stage in flow.pipeline(full=True).stages:
            stage.run(settings)
    assert read_status(settings)["state"] == "fresh"
    return Changed(home / "stores", comparable(settings))


@pytest.fixture
def company(forecast_home: Path, tmp_path: Path) -> Iterator[Settings]:
    shutil.copytree(forecast_home, tmp_path / "home")
    yield settings_at(tmp_path / "home")


def dag(settings: Settings, *stages: str) -> dict[str, Any]:
    """These stages in their order, each with the lock to itself; what the last one counted."""
    counts: dict[str, Any] = {}
    for stage in flow.WAREHOUSE.stages:
        if stage.name in stages:
            counts = dict(stage.run(settings))
    return counts


def by_hand(settings: Settings, *stages: str, only: tuple[str, ...] = ()) -> None:
    """A build by hand with these stages, or all that a part has: it dies after the last of them."""
    with building_alone(settings):
        for stage in flow.pipeline(only=with_all_they_read(only)).stages:
            if only or stage.name in stages:
                stage.run(settings)


def cancel(settings: Settings) -> None:
    run_sql(settings, "crm", f"update orders set status = 'cancelled' where order_no = '{ORDER}'")


def grow(settings: Settings) -> None:
    for table, amount in (("orders", "total_amount"), ("order_lines", "line_amount")):
        run_sql(settings, "crm", f"update {table} set {amount} = '81.0000' where order_no = '{OTHER}'")
    run_sql(settings, "erp", "update payments set amount = '41.0000' where payment_no = 'PA-2026-00003'")


def comparable(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every table, without the gates' own history of runs."""
    found = contents(settings)
    del found["marts.mart_check"]
    return found


HANDS: dict[str, Callable[[Settings], None]] = {
    "a part": partial(by_hand, only=("core.fct_order",)),
    "died after extract": lambda settings: by_hand(settings, "extract"),
    "died after core": lambda settings: by_hand(settings, "extract", "core"),
    "died after its gates": lambda settings: by_hand(settings, *STAGES[:-1]),
    "whole": lambda settings: by_hand(settings, *STAGES),
}


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("stage", ["core", "marts", "gate"])
def test_what_the_dag_publishes_is_of_one_read(
    company: Settings, changed: Changed, stage: str, hand: str
) -> None:
    before = STAGES.index(stage) + 1
    dag(company, *STAGES[:before])
    changed.happen(company)
    HANDS[hand](company)
    published = dag(company, *STAGES[before:])
    assert (published["state"], read_status(company)["state"]) == ("fresh", "fresh")
    assert comparable(company) == changed.anew


@pytest.mark.parametrize("hand", ["a part", "died after extract", "died after core"])
@pytest.mark.parametrize("made", [2, 3, 4])
def test_without_catching_up_it_is_held_or_of_one_read(
    company: Settings, changed: Changed, made: int, hand: str
) -> None:
    """The steps alone, as another program may call them: what they cannot mend they do not publish."""
    before = contents(company)
    steps: tuple[Callable[[Settings], object], ...] = (
        *(partial(extract, as_of=AS_OF), build.core, build.marts, gates.gate, publish),
    )
    for step in steps[:made]:
        step(company)
    changed.happen(company)
    HANDS[hand](company)
    for step in steps[made:]:
        step(company)
    status = read_status(company)
    if status["state"] == "fresh":
        assert comparable(company) == changed.anew
        return
    assert contents(company) == before
    (reason,) = status["reasons"].values()
    assert "run `./triada build`" in reason
    dag(company, *STAGES)
    assert read_status(company)["state"] == "fresh"
    assert comparable(company) == changed.anew


def test_a_cancelled_orders_lines_are_never_revenue_beside_it(company: Settings) -> None:
    """A part by hand makes orders anew and leaves their lines."""
    dag(company, "extract", "core")
    cancel(company)
    by_hand(company, only=("core.fct_order",))
    build.marts(company)
    gates.gate(company)
    held = publish(company)
    assert (held["state"], held["failed_checks"]) == ("stale", ["streams were not read at once"])
    (reason,) = read_status(company)["reasons"].values()
    assert "crm.accounts" in reason or "more were read before the others" in reason


def test_the_instant_it_claims_is_of_its_rows(company: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    dag(company, "extract", "core", "plan", "marts")
    cancel(company)
    monkeypatch.setattr(warehouse.extract, "extract", partial(extract, as_of=LATER))
    by_hand(company, "extract")
    dag(company, "gate", "publish")
    with duckdb.connect(str(company.published_file), read_only=True) as file:
        file.execute("set TimeZone = 'UTC'")
        assert file.execute("select as_of from marts.mart_publication").fetchone() == (LATER,)
        cancelled = f"select order_status from core.fct_order where order_no = '{ORDER}'"
        assert file.execute(cancelled).fetchone() == ("cancelled",)


def test_what_was_judged_is_what_is_there_afterwards(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the marts that carry the gates' own words are made after them."""
    dag(company, "extract", "core", "plan", "marts")
    cancel(company)
    by_hand(company, "extract", "core")
    own = {"marts.mart_check", "marts.mart_check_history", "marts.mart_data_health", "marts.mart_metric"}
    tables = [model.relation for model in models() if model.layer == "marts" and model.relation not in own]

    def held(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
        return {table: connection.execute(f"from {table} order by all").fetchall() for table in tables}

    seen, judges = [], gates.judge

    def judge(connection: duckdb.DuckDBPyConnection) -> list[Verdict]:
        seen.append(held(connection))
        return judges(connection)

    monkeypatch.setattr(gates, "judge", judge)
    gates.gate(company)
    with open_build(company) as connection:
        assert [held(connection)] == seen


def test_a_forecast_of_older_sales_is_made_again(company: Settings) -> None:
    """Every mart that shows the sales is made, and the forecast is not: its series would not be theirs."""
    dag(company, *STAGES)
    put(
        company,
        "crm.orders",
        {"order_no": "CO-9", "ordered_at": dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC), "total_amount": "7"},
    )
    line = {"order_line_no": "CO-9:1", "order_no": "CO-9", "unit_price": "7", "line_amount": "7"}
    put(company, "crm.order_lines", line)
    extract(company, as_of=AS_OF)
    build.core(company)
    build.marts(company)
    gates.gate(company)
    held = publish(company)
    (reason,) = read_status(company)["reasons"].values()
    assert (held["state"], "planning.forecast" in reason) == ("stale", True)
    assert dag(company, "publish")["state"] == "fresh"


def test_nothing_is_made_again_when_nobody_came_between(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel(company)
    dag(company, "extract", "core", "plan", "marts")
    for stage in ("extract", "core", "plan", "marts"):
        monkeypatch.setattr(flow, stage, lambda *_: pytest.fail("made again"))
    dag(company, "gate")
    monkeypatch.setattr(flow, "gate", lambda *_: pytest.fail("judged again"))
    assert dag(company, "publish")["state"] == "fresh"
