"""Seeding: the same seed gives the same company, on every database, in empty stores only."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models import SYSTEMS
from stores.engines import create_stores, is_empty, open_stores
from stores.records import find
from stores.refusals import Refusal
from stores.seed import seed, write_inbox
from stores.seed.company import live
from stores.seed.days import Days
from stores.seed.faults import faults
from stores.seed.faults_page import faults_page
from stores.seed.plan import DAYS_AGO, plan
from tests.stores.conftest import AS_OF, Engines, dispose, open_folder

SMALL = 0.01
DOCS = Path(__file__).parents[2] / "docs" / "faults.md"


def dump(engines: Engines) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every stream, in key order, as Python values."""
    rows = {}
    for system, engine in engines.items():
        with engine.connect() as connection:
            for table in SYSTEMS[system].sorted_tables:
                found = connection.execute(sa.select(table)).all()
                # Sorted here: databases differ in how they order text.
                rows[f"{system}.{table.name}"] = sorted(
                    (tuple(row) for row in found), key=lambda row: str(row[0])
                )
    return rows


def seeded(engines: Engines, **how: Any) -> dict[str, list[tuple[Any, ...]]]:
    try:
        counts = seed(engines, **{"as_of": AS_OF, "fraction": SMALL, **how})
        rows = dump(engines)
        assert counts == {stream: len(found) for stream, found in sorted(rows.items()) if found}
        return rows
    finally:
        dispose(engines)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    return seeded(open_folder(tmp_path_factory.mktemp("first")))


def test_the_same_seed_gives_the_same_rows(rows: dict[str, Any], tmp_path: Path) -> None:
    assert seeded(open_folder(tmp_path)) == rows


def test_another_seed_gives_another_company(rows: dict[str, Any], tmp_path: Path) -> None:
    other = seeded(open_folder(tmp_path), seed=8)
    assert other["crm.orders"] != rows["crm.orders"]
    assert other["oa.calendars"] == rows["oa.calendars"]


@pytest.mark.parametrize("fixture", ["new_postgresql", "new_mariadb"])
def test_servers_hold_the_same_rows_as_sqlite(
    rows: dict[str, Any], fixture: str, request: pytest.FixtureRequest
) -> None:
    new: Callable[[], str] = request.getfixturevalue(fixture)
    assert seeded(open_stores({system: new() for system in SYSTEMS})) == rows


@pytest.mark.parametrize("as_of", [dt.date(2026, 1, 1), dt.date(2027, 3, 1), dt.date(2028, 2, 29)])
def test_any_day_can_be_the_last(as_of: dt.date, tmp_path: Path) -> None:
    rows = seeded(open_folder(tmp_path), as_of=as_of)
    assert len(rows["crm.orders"]) > 40
    days = Days(as_of)
    lived = [days.company.before(days.end, ago) for ago in DAYS_AGO.values()]
    assert all(days.dates[day] < as_of for day in lived)


@pytest.mark.parametrize("ago", range(14))
def test_every_lead_has_begun_whatever_day_is_the_last(ago: int) -> None:
    drawn = plan(scale=1, seed=7, as_of=dt.date(2026, 11, 26) - dt.timedelta(days=ago), fraction=0.2)
    assert all(lead.entered for lead in live(drawn).leads)


def test_streams_are_as_rich_as_declared(company: Engines) -> None:
    with company["crm"].connect() as crm, company["erp"].connect() as erp, company["oa"].connect() as oa:
        count = {
            "orders": crm.exec_driver_sql("select count(*) from orders").scalar_one(),
            "leads": crm.exec_driver_sql("select count(*) from leads").scalar_one(),
            "accounts": crm.exec_driver_sql("select count(*) from accounts").scalar_one(),
            "requests": oa.exec_driver_sql("select count(*) from approval_requests").scalar_one(),
            "people": oa.exec_driver_sql("select count(*) from employees").scalar_one(),
            "departments": oa.exec_driver_sql("select count(*) from departments").scalar_one(),
            "items": erp.exec_driver_sql("select count(*) from items").scalar_one(),
            "acting": oa.exec_driver_sql("select count(acting_no) from approval_steps").scalar_one(),
            "pending": oa.exec_driver_sql(
                "select count(*) from approval_requests where status = 'pending'"
            ).scalar_one(),
            "paper": erp.exec_driver_sql(
                "select count(*) from sales_orders where channel = 'paper'"
            ).scalar_one(),
        }
    assert 3_900 <= count["orders"] <= 4_050
    assert 900 <= count["leads"] <= 905
    assert 250 <= count["accounts"] <= 260
    assert 600 <= count["requests"] <= 610
    assert (count["people"], count["departments"], count["items"]) == (62, 12, 120)
    assert count["acting"] > 10
    assert count["pending"] >= 1
    assert count["paper"] > 10


def test_every_planted_fault_is_in_its_stream(company: Engines, tmp_path: Path) -> None:
    lines = list(csv.DictReader(write_inbox(tmp_path, AS_OF).read_text(encoding="utf-8").splitlines()))
    for fault in faults(AS_OF):
        for planted in fault.keys:
            system, name, key = *fault.stream.split("."), planted
            if system == "files":
                assert key in [line["external_key"] for line in lines]
                continue
            if name == "sales_orders":
                # Booked by the hub; it is planted as the CRM order it comes from.
                system, name, key = "crm", "orders", key.replace("SO-", "CO-")
            with company[system].connect() as connection:
                assert find(connection, SYSTEMS[system].tables[name], key) is not None, fault


def test_the_lead_file_repeats_one_line_exactly(tmp_path: Path) -> None:
    path = write_inbox(tmp_path, AS_OF)
    assert path.name == "leads-2026-11-23.csv"
    first = path.read_bytes()
    header, *lines = first.decode().splitlines()
    assert header.startswith("external_key,company_name,contact_name,email")
    assert len(lines) - len(set(lines)) == 1
    assert write_inbox(tmp_path, AS_OF).read_bytes() == first


def test_the_page_of_faults_is_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == faults_page()


def test_stores_with_rows_are_not_seeded(own: Engines) -> None:
    with pytest.raises(Refusal, match="rows already"):
        seed(own, as_of=AS_OF)


def test_stores_are_empty_before_and_after_their_tables_are_made(tmp_path: Path) -> None:
    engines = open_folder(tmp_path / "deep" / "er")
    assert is_empty(engines)
    create_stores(engines)
    assert is_empty(engines)
    with engines["oa"].begin() as connection:
        assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        connection.exec_driver_sql(
            "insert into departments (department_no, name, country) values ('D-X', 'X', 'ES')"
        )
    assert not is_empty(engines)
    dispose(engines)


def test_a_seeded_store_stamps_what_changes_and_keeps_its_indexes(own: Engines) -> None:
    with own["crm"].begin() as connection:
        before = connection.exec_driver_sql(
            "select updated_at from orders where order_no = 'CO-2026-00051'"
        ).scalar()
        connection.exec_driver_sql(
            "update order_lines set quantity = '1.0000' where order_no = 'CO-2026-00051'"
        )
        after = connection.exec_driver_sql(
            "select updated_at from orders where order_no = 'CO-2026-00051'"
        ).scalar()
    assert before != after
    for system, engine in own.items():
        there = sa.inspect(engine)
        for table in SYSTEMS[system].sorted_tables:
            made = {index["name"] for index in there.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= made


def test_a_failing_load_leaves_the_stores_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = open_folder(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("stores.seed.put_products", fail)
    with pytest.raises(RuntimeError, match="disk is full"):
        seed(engines, as_of=AS_OF, fraction=SMALL)
    assert is_empty(engines)
    dispose(engines)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_companies_are_seeded_whole(tmp_path: Path) -> None:
    engines = open_folder(tmp_path)
    counts = seed(engines, scale=100, as_of=AS_OF)
    assert counts["crm.orders"] > 390_000
    with engines["crm"].connect() as connection:
        table = SYSTEMS["crm"].tables["orders"]
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == counts["crm.orders"]
    dispose(engines)
