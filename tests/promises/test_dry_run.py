"""`run --dry-run` shows the rows and fields that a run would change, and changes nothing anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

import settings
from commands.preview import preview
from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from hub.preview import Change
from hub.run import run_flow
from hub.words import Flow
from tests.promises.world_company import ITEM, Company, account, order, order_line

pytestmark = pytest.mark.slow


@pytest.fixture
def busy(any_company: Company) -> Company:
    """A new, a changed, a deleted and a wrong account; a new, a changed, a waiting and a deleted order."""
    company = any_company
    company.put("erp.items", ITEM)
    company.put("crm.accounts", *(account(number) for number in range(1, 5)))
    company.put("crm.orders", *(order(number) for number in range(1, 4)))
    company.put("crm.order_lines", *(order_line(number) for number in range(1, 4)))
    company.run(CUSTOMERS)
    company.run(ORDERS)
    company.put("crm.accounts", account(5), account(6, country=None), account(7, status="prospect"))
    company.sql("crm", "update accounts set name = 'Renamed', city = null where account_no = 'A-000002'")
    company.sql("crm", "delete from accounts where account_no = 'A-000003'")
    company.put("crm.orders", order(4), order(5, account_no="A-000007"))
    company.put("crm.order_lines", order_line(4), order_line(5))
    company.sql("crm", "update orders set requested_on = '2026-12-24' where order_no = 'CO-2026-00001'")
    company.sql("crm", "update order_lines set quantity = '4.0000', unit_price = '2.5000' "
                "where order_no = 'CO-2026-00002'")  # fmt: skip
    company.sql("crm", "delete from order_lines where order_no = 'CO-2026-00003'")
    company.sql("crm", "delete from orders where order_no = 'CO-2026-00003'")
    return company


def told(changes: list[Change]) -> dict[str, str]:
    return {change.key: change.effect for change in changes}


def test_a_preview_names_rows_and_fields_with_both_values(busy: Company) -> None:
    report, changes = busy.preview(CUSTOMERS, "register")
    assert told(changes) == {"A-000002": "updated", "A-000003": "deleted", "A-000005": "inserted"}
    (renamed,) = (change for change in changes if change.effect == "updated")
    assert renamed.fields == {"name": ("Company 2", "Renamed"), "city": ("Vigo", None)}
    assert (report.written, report.quarantined) == (3, 1)

    report, changes = busy.preview(ORDERS, "book")
    assert told(changes) == {
        "CO-2026-00001": "updated", "CO-2026-00002": "updated", "CO-2026-00003": "updated",
        "CO-2026-00004": "inserted",
    }  # fmt: skip
    fields: dict[str, Any] = {change.key: change.fields for change in changes}
    assert [str(value) for value in fields["CO-2026-00001"]["requested_on"]] == ["None", "2026-12-24"]
    line = "lines.SO-2026-00002:1"
    assert {name: [str(v) for v in both] for name, both in fields["CO-2026-00002"].items()} == {
        f"{line}.quantity": ["2.0000", "4.0000"],
        f"{line}.unit_price": ["5.0000", "2.5000"],
    }
    assert fields["CO-2026-00003"] == {"cancel_requested": (False, True)}
    assert (report.written, report.waiting) == (4, 1)


@pytest.mark.parametrize("flow", [CUSTOMERS, ORDERS], ids=lambda flow: str(flow.name))
def test_a_preview_changes_nothing_anywhere(busy: Company, flow: Flow) -> None:
    before = busy.dump()
    for _ in range(2):
        for step in flow.steps:
            busy.preview(flow, step.name)
    assert busy.dump() == before


@pytest.mark.parametrize(("flow", "step"), [(CUSTOMERS, "register"), (ORDERS, "book")])
def test_a_run_then_does_just_that(busy: Company, flow: Flow, step: str) -> None:
    foreseen, changes = busy.preview(flow, step)
    (report,) = busy.run(flow, step)
    counts = ("written", "waiting", "quarantined")
    assert [getattr(report, name) for name in counts] == [getattr(foreseen, name) for name in counts]
    assert changes
    assert busy.preview(flow, step)[1] == []


def test_a_preview_takes_no_lease_and_needs_none(busy: Company) -> None:
    with busy.desk() as desk, desk.lease(CUSTOMERS):
        assert len(busy.preview(CUSTOMERS, "register")[1]) == 3


def test_what_waits_is_previewed_with_the_rest(busy: Company) -> None:
    busy.run(CUSTOMERS, "register")
    busy.run(ORDERS, "book")
    assert told(busy.preview(ORDERS, "book")[1]) == {}
    busy.sql("crm", "update accounts set status = 'active' where account_no = 'A-000007'")
    busy.run(CUSTOMERS, "register")
    assert told(busy.preview(ORDERS, "book")[1]) == {"CO-2026-00005": "inserted"}


def test_a_delete_that_something_points_to_is_foreseen_as_waiting(busy: Company) -> None:
    # The order goes, but its sales order stays in the ERP and points to the customer.
    busy.sql("crm", "delete from order_lines")
    busy.sql("crm", "delete from orders")
    busy.sql("crm", "delete from accounts where account_no = 'A-000001'")
    report, changes = busy.preview(CUSTOMERS, "register")
    assert "A-000001" not in told(changes)
    assert report.waiting == 1
    assert busy.run(CUSTOMERS, "register")[0].waiting == 1


def test_the_command_shows_it_and_writes_nothing(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    company.put("crm.accounts", account(1), account(2))
    with company.desk() as desk:
        run_flow(desk, CUSTOMERS)
    company.sql("crm", "update accounts set name = 'Renamed' where account_no = 'A-000002'")
    for system, url in company.urls.items():
        monkeypatch.setenv(f"TRIADA_{system.upper()}_URL", url)
    monkeypatch.setenv("TRIADA_HOME", str(company.home))
    before = company.dump()
    settings.load.cache_clear()
    try:
        preview("customers", as_json=False)
        shown = capsys.readouterr().out
        result = preview("customers", as_json=True)
        document = json.loads(capsys.readouterr().out)
    finally:
        settings.load.cache_clear()
    assert company.dump() == before
    assert "customers.register: erp.customers A-000002 would be updated" in shown
    assert "name: Company 2 → Renamed" in shown
    assert "nothing was written" in shown
    (change,) = document["changes"]
    assert change["fields"] == {"name": {"there": "Company 2", "wanted": "Renamed"}}
    assert (document["ok"], [row["written"] for row in result.steps]) == (True, [1, 0])
