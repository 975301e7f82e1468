"""Every run adds up, or fails loudly and leaves the cursor: also when the source changes while it is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.errors import CountMismatch
from connectors.registry import connect
from flows.customers import CUSTOMERS
from tests.promises.world_company import AT, Company, account
from tests.promises.world_readers import (
    Spoil,
    between,
    crash_before,
    first_page_twice,
    spoiled,
    without,
    without_last_page,
)

pytestmark = pytest.mark.slow

ROWS, PAGE = 200, 40


@pytest.fixture(autouse=True)
def _no_rules(any_company: Company) -> None:
    """Counting is the same without them, and they cost more than all the rest here."""
    (any_company.home / "customers.yml").touch()
    any_company.rules = any_company.home


def accounts(company: Company) -> list[tuple[str, str]]:
    return [(no, name) for no, name in company.rows("crm.accounts", "account_no", "name")]


def customers(company: Company) -> list[tuple[str, str]]:
    return [(no, name) for no, name in company.rows("erp.customers", "crm_account_no", "name")]


def edit(company: Company, number: int, name: str) -> None:
    company.sql(
        "crm", "update accounts set name = :name where account_no = :no", name=name, no=f"A-{number:06d}"
    )


def run(company: Company) -> tuple[int, int]:
    """Rows read and rows written; the fates add up."""
    (report,) = company.run(CUSTOMERS, "register")
    assert report.read == report.written + report.unchanged + report.waiting + report.quarantined
    return report.read, report.written


def test_a_source_that_changes_while_it_is_read_adds_up_and_loses_nothing(any_company: Company) -> None:
    company = any_company
    company.page_rows = PAGE
    company.put("crm.accounts", *(account(number) for number in range(1, ROWS + 1)))

    def meddle(page: int) -> None:
        # A row already read and one still to come: changed, deleted; and a new one.
        behind, ahead = page * PAGE + 1, ROWS - page
        edit(company, behind, f"changed after page {page}")
        edit(company, ahead, f"changed before page {page}")
        gone = [f"A-{number:06d}" for number in (behind + 1, ahead - 20)]
        company.sql("crm", "delete from accounts where account_no in (:one, :two)", one=gone[0], two=gone[1])
        company.put("crm.accounts", account(1_000 + page))

    company.connect = spoiled("crm", between(meddle))
    assert run(company) == (ROWS, ROWS)
    company.connect = connect
    run(company)
    assert customers(company) == accounts(company)
    before = company.stamps("erp.customers")
    assert run(company)[1] == 0
    assert company.stamps("erp.customers") == before


def test_a_row_changed_in_every_page_is_read_once_a_run(any_company: Company) -> None:
    company = any_company
    company.page_rows = PAGE
    company.put("crm.accounts", *(account(number) for number in range(1, ROWS + 1)))
    company.connect = spoiled("crm", between(lambda page: edit(company, ROWS, f"edit {page}")))
    assert run(company) == (ROWS, ROWS)
    company.connect = connect
    assert run(company)[1] == 1
    assert customers(company) == accounts(company)


@pytest.mark.parametrize(
    ("spoil", "came"),
    [
        pytest.param(without("A-000077"), lambda rows: rows - 1, id="a row is lost"),
        pytest.param(
            without_last_page, lambda rows: rows - (rows % PAGE or PAGE), id="the last page is lost"
        ),
        pytest.param(first_page_twice, lambda rows: rows + PAGE, id="a page comes twice"),
    ],
)
def test_a_read_that_does_not_add_up_fails_loudly_and_the_cursor_stays(
    any_company: Company, spoil: Spoil, came: Callable[[int], int]
) -> None:
    company = any_company
    company.page_rows = PAGE
    company.put("crm.accounts", account(9_999))
    run(company)
    cursor = company.memory("cursors", "position", "moved_at")
    company.put("crm.accounts", *(account(number) for number in range(1, ROWS + 1)))
    company.connect = spoiled("crm", spoil)
    inside = ROWS + (company.kind == "mariadb")  # where the overlap reads the earlier row again
    expected = rf"crm\.accounts said {inside} rows .* but {came(inside)} came.*The cursor stays"
    with pytest.raises(CountMismatch, match=expected) as told:
        run(company)
    assert company.memory("cursors", "position", "moved_at") == cursor
    state, error, read = company.memory("runs", "state", "error", "read")[-1]
    assert (state, error, read) == ("failed", f"CountMismatch: {told.value}", came(inside))

    company.connect = connect
    assert run(company)[0] == inside
    assert customers(company) == accounts(company)


@pytest.mark.parametrize("rows", [24, 25])
def test_rows_of_one_instant_are_moved_once_each_whatever_page_a_worker_dies_at(
    any_company: Company, rows: int
) -> None:
    company, pages = any_company, 5
    company.page_rows = size = -(-rows // pages)
    for die_before in range(pages + 1):
        first = die_before * 100
        numbers = range(first, first + rows)
        company.put("crm.accounts", *(account(number, updated_at=AT) for number in numbers))
        company.connect = spoiled("crm", crash_before(die_before))
        with pytest.raises(KeyboardInterrupt):
            company.run(CUSTOMERS, "register")
        died = company.memory("runs", "written")[-1][0]
        assert died == min(rows, die_before * size)
        company.connect = connect
        read, written = run(company)
        assert (read, written) == (rows, rows - died)
        assert [no for no, _ in customers(company)] == [f"A-{number:06d}" for number in numbers]
        # A clean table for the next point; a hub that remembers nothing reads from the start.
        company.sql("crm", "delete from accounts")
        company.sql("crm", "delete from tombstones")
        company.sql("erp", "delete from customers")
        for table in ("cursors", "links"):
            with company.desk() as desk, desk.state.writing() as connection:
                connection.exec_driver_sql(f"delete from {table}")
