"""Reconcile between real databases: what no cursor can find is told, mended, and not found again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql import SqlConnector
from connectors.sql_engine import make_engine, parse
from flows.customers import CUSTOMERS
from hub.desk import Desk, open_desk
from hub.reconcile import Reconciled, reconcile_flow
from hub.run import run_flow
from hub.state import open_state
from models import SYSTEMS, crm, ddl, erp, state
from models.internal import INTERNAL
from settings import Settings

pytestmark = pytest.mark.slow

KINDS = ("sqlite", "postgresql", "mariadb")
ACCOUNTS = 12


@dataclass
class Company:
    """A CRM and an ERP in real databases, in which every account is a customer and both sides are equal."""

    kind: str
    crm: sa.Engine
    erp: sa.Engine
    settings: Settings

    def account(self, number: int, **changes: Any) -> None:
        with self.crm.begin() as connection:
            connection.execute(sa.insert(crm.accounts), [account(number, **changes)])

    def desk(self) -> AbstractContextManager[Desk]:
        # Without overlap: within it a run reads rows again, and finds by itself what is looked for here.
        return open_desk(self.settings, connect=lambda *whom: SqlConnector(*whom, overlap_s=0), patience_s=0)

    def run(self) -> int:
        with self.desk() as desk:
            return sum(report.written for report in run_flow(desk, CUSTOMERS))

    def reconcile(self, *, repair: bool = False, full: bool = False) -> Reconciled:
        """What became of the step that registers accounts; the other step must be equal."""
        with self.desk() as desk:
            register, credit = reconcile_flow(desk, CUSTOMERS, repair=repair, full=full)
        assert register.compared == register.equal + register.different + register.missing + register.extra
        assert repair or credit.left == 0 or register.left
        return register

    def customers(self) -> dict[str, str]:
        with self.erp.connect() as connection:
            query = sa.select(erp.customers.c.crm_account_no, erp.customers.c.name)
            return {row.crm_account_no: row.name for row in connection.execute(query)}

    def mended(self, kind: str, key: str) -> None:
        """Told dry and left alone, mended when asked, and then there is nothing to tell, nor to run."""
        assert self.run() == 0, "a cursor found it; this is about what none can find"
        before = self.customers()
        dry = self.reconcile()
        assert {(each.kind, each.key) for each in dry.differences} == {(kind, key)}
        assert (getattr(dry, kind), dry.left, dry.repaired) == (1, 1, 0)
        assert self.customers() == before
        done = self.reconcile(repair=True)
        assert (getattr(done, kind), done.left, done.repaired) == (1, 0, 1)
        for full in (False, True, False):
            again = self.reconcile(full=full)
            assert (again.different, again.missing, again.extra, again.left) == (0, 0, 0, 0)
            assert again.equal == again.compared
        assert self.run() == 0


def account(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "account_no": f"A-{number:04d}", "name": f"Ken & Co {number}", "country": "PT", "currency": "EUR",
        "owner_no": "E-0001", "status": "active", "created_on": dt.date(2026, 11, 20), **changes,
    }  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The addresses of two stores of a kind, and of the hub's state, made once."""
    folder = tmp_path_factory.mktemp("stores")
    names = ("crm", "erp", "state")
    new = None if request.param == "sqlite" else request.getfixturevalue(f"new_{request.param}")
    urls = {name: new() if new else f"sqlite:///{folder / name}.db" for name in names}
    for system in ("crm", "erp"):
        engine = sa.create_engine(urls[system])
        ddl.create(engine, SYSTEMS[system])
        engine.dispose()
    yield request.param, urls


@pytest.fixture
def company(made: tuple[str, dict[str, str]], tmp_path: Path) -> Iterator[Company]:
    kind, urls = made
    settings = Settings(
        home=tmp_path, crm_url=urls["crm"], erp_url=urls["erp"], state_url=urls["state"], page_rows=5
    )
    open_state(urls["state"]).close()
    engines = {name: make_engine(parse(name, urls[name])) for name in ("crm", "erp", "state")}
    company = Company(kind, engines["crm"], engines["erp"], settings)
    try:
        for number in range(ACCOUNTS):
            company.account(number * 400)
        company.run()
        company.run()  # the credit that came back restamps the accounts
        assert company.reconcile().equal == ACCOUNTS
        yield company
        for system in ("crm", "erp"):
            _empty(engines[system], SYSTEMS[system])
        _empty(engines["state"], state.METADATA)
    finally:
        for engine in engines.values():
            engine.dispose()


def _empty(engine: sa.Engine, metadata: sa.MetaData) -> None:
    tables = [*reversed(metadata.sorted_tables)]
    tables.sort(key=lambda table: table.name in INTERNAL)  # a delete of the others fills these
    with engine.begin() as connection:
        for table in tables:
            connection.execute(table.delete())


def an_hour_ago() -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)


def execute(engine: sa.Engine, *statements: sa.Executable) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_row_stamped_behind_the_cursor(company: Company) -> None:
    company.account(7, updated_at=an_hour_ago())
    company.mended("missing", "A-0007")
    assert company.customers()["A-0007"] == "Ken & Co 7"


def test_a_delete_that_left_no_tombstone(company: Company) -> None:
    execute(company.crm, sa.delete(crm.accounts).where(crm.accounts.c.account_no == "A-0800"))
    execute(company.crm, sa.delete(crm.METADATA.tables["tombstones"]))
    company.mended("extra", "A-0800")
    assert "A-0800" not in company.customers()


def test_an_edit_of_a_field_that_another_system_owns(company: Company) -> None:
    theirs = erp.customers.c.crm_account_no == "A-1200"
    execute(company.erp, sa.update(erp.customers).where(theirs).values(name="Kenneth"))
    company.run()  # its credit is told to the CRM again, unchanged
    told = company.reconcile()
    (difference,) = told.differences
    assert (difference.field, difference.in_source, difference.in_target, difference.owner) == (
        "name", "Ken & Co 1200", "Kenneth", "crm",
    )  # fmt: skip
    assert difference.changed_at is not None
    company.mended("different", "A-1200")
    with company.desk() as desk, desk.state.reading() as connection:
        (conflict,) = connection.execute(sa.select(state.conflicts)).all()
    assert (conflict.field, conflict.owner, conflict.lost, conflict.kept) == (
        "name", "crm", "Kenneth", "Ken & Co 1200",
    )  # fmt: skip


def test_an_edit_of_a_field_that_the_target_owns_is_its_own_matter(company: Company) -> None:
    execute(company.erp, sa.update(erp.customers).values(credit_limit=Decimal("500.0000")))
    assert company.run() == ACCOUNTS
    found = company.reconcile(repair=True)
    assert (found.equal, found.repaired) == (ACCOUNTS, 0)


def test_a_record_that_somebody_deleted_at_the_target(company: Company) -> None:
    execute(company.erp, sa.delete(erp.customers).where(erp.customers.c.crm_account_no == "A-1600"))
    company.run()
    company.mended("missing", "A-1600")


def test_a_row_committed_long_after_its_stamp(company: Company) -> None:
    if company.kind == "sqlite":
        pytest.skip("SQLite has one writer at a time, so none commits late")
    with company.crm.connect() as late:
        late.execute(sa.insert(crm.accounts), [account(9, updated_at=an_hour_ago())])
        company.account(10)
        assert company.run() == 1 + 1  # the customer, and its credit told to the CRM
        late.commit()
    company.run()
    company.mended("missing", "A-0009")


def test_equal_groups_are_not_read_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    fetch, pages = SqlConnector.fetch, SqlConnector.pages

    def fetched(self: SqlConnector, *args: Any) -> Any:
        rows = fetch(self, *args)
        read.extend("row" for _ in rows)
        return rows

    def paged(self: SqlConnector, *args: Any) -> Any:
        read.append("page")
        return pages(self, *args)

    monkeypatch.setattr(SqlConnector, "fetch", fetched)
    monkeypatch.setattr(SqlConnector, "pages", paged)
    assert company.reconcile().equal == ACCOUNTS
    assert read == []
    changed = sa.update(crm.accounts).where(crm.accounts.c.account_no == "A-0400").values(city="Porto")
    execute(company.crm, changed)
    company.run()
    read.clear()
    assert company.reconcile().equal == ACCOUNTS
    assert 0 < len(read) < 2 * ACCOUNTS
    assert "page" not in read
