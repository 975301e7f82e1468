"""Money stuck in gaps counts once by what it is about, and of several requests the last one asked decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from models import state
from settings import Settings
from tests.warehouse.company import AS_OF, at, put
from tests.warehouse.conftest import ask_build, build_all
from tests.warehouse.gap_story import order
from tests.warehouse.hub_state import aside, remember
from tests.warehouse.test_planted_defects import alarms, without_its_key
from warehouse.build import core, marts
from warehouse.extract import extract

pytestmark = pytest.mark.slow

D = Decimal
STORY = D("1082.0000")
"""What is stuck in the story before a test adds to it."""


def stuck(settings: Settings) -> Decimal:
    """The metric as it is built now."""
    build_all(settings)
    ((value,),) = ask_build(settings, "select value from marts.mart_metric where metric = 'stuck_in_gaps'")
    return Decimal(value)


def paid_on_paper(settings: Settings, no: str, amount: str) -> None:
    payment = {"payment_no": no, "sales_order_no": "SO-2026-00051", "amount": amount, "channel": "paper"}
    put(settings, "erp.payments", payment | {"paid_on": "2026-06-11", "recorded_at": at("06-12 09:00")})


def may_be_asked_again(settings: Settings) -> None:
    """The reference OA takes one request a document and kind; others take as many as are asked."""
    without_its_key(settings, "oa.approval_requests")


def asked(settings: Settings, no: str, day: str, status: str, **more: Any) -> None:
    request = {"request_no": no, "kind": "purchase", "status": status, "requested_at": at(f"{day} 08:00")}
    decided = {} if status == "pending" else {"decided_at": at(f"{day} 10:00")}
    about = {"source_stream": "erp.purchases", "source_key": "PO-2026-00051", "amount": "30"}
    decided["updated_at"] = at("06-12 12:00")
    put(settings, "oa.approval_requests", request | decided | about | more)


def bought(settings: Settings, no: str, **more: Any) -> None:
    put(settings, "erp.suppliers", {"supplier_no": "S-051", "name": "Kupfer", "lead_time_days": 7})
    purchase = {"purchase_no": no, "supplier_no": "S-051", "requester_no": "E-0004", "status": "draft"}
    state = {"approval_status": "wanted", "total_amount": "30", "currency": "EUR"}
    when = {"ordered_at": at("06-10 08:00"), "expected_on": "2026-06-17"}
    put(settings, "erp.purchases", purchase | state | when | more)


def test_an_order_in_three_gaps_under_three_numbers_is_stuck_once(published: Settings) -> None:
    refused = {"approval_status": "refused", "approval_kind": "discount", "payment_status": "paid"}
    order(published, 51, "06-10 08:00", "100", **refused)
    paid_on_paper(published, "PA-2026-00051", "100")
    assert stuck(published) == STORY + 100
    kinds = """select kind from marts.mart_handoff_gaps
        where document_no in ('CO-2026-00051', 'SO-2026-00051', 'PA-2026-00051') order by kind"""
    assert [kind for (kind,) in ask_build(published, kinds)] == [
        "done_on_paper", "order_without_approval", "paid_not_shipped"
    ]  # fmt: skip


def test_each_payment_of_an_order_is_money_of_its_own(published: Settings) -> None:
    order(published, 51, "06-10 08:00", "100")
    paid_on_paper(published, "PA-2026-00051", "40")
    paid_on_paper(published, "PA-2026-00052", "35")
    assert stuck(published) == STORY + 75


def test_documents_of_two_streams_with_the_same_number_are_two(published: Settings) -> None:
    order(published, 51, "06-10 08:00", "100", approval_status="refused", approval_kind="discount")
    bought(published, "CO-2026-00051")
    assert stuck(published) == STORY + 130
    assert alarms(published) == {}


def test_what_is_set_aside_of_one_order_is_its_money_once(published: Settings) -> None:
    row = {"total_amount": "40.0000", "currency": "EUR", "ordered_at": "2026-06-02T08:00:00Z"}
    remember(
        published,
        state.quarantine,
        aside("orders.book", "crm.orders", "CO-2026-00004", row),
        aside("payments.release", "erp.sales_orders", "SO-2026-00004", row) | {"state": "waiting"},
    )
    extract(published, as_of=AS_OF)
    core(published)
    marts(published)
    found = """select metric, quarantined_rows, waiting_rows, quarantined_amount from marts.mart_metric
        where metric in ('open_orders', 'stuck_in_gaps') order by metric"""
    assert ask_build(published, found) == [
        ("open_orders", 2, 1, D("40.0000")),
        ("stuck_in_gaps", 2, 1, D("40.0000")),
    ]
    by_stream = """select sum(quarantined_rows), sum(quarantined_amount) from marts.mart_metric_source
        where metric = 'stuck_in_gaps'"""
    assert ask_build(published, by_stream) == [(2, D("40.0000"))]


def test_a_purchase_approved_twice_is_one_gap_of_the_request_asked_last(published: Settings) -> None:
    may_be_asked_again(published)
    bought(published, "PO-2026-00051")
    asked(published, "AR-9", "06-10", "approved")
    asked(published, "AR-10", "06-11", "approved")
    # Of another kind, and later: it says nothing about the purchase.
    asked(published, "AR-99", "06-12", "approved", kind="credit")
    assert stuck(published) == STORY + 30
    assert alarms(published) == {}
    assert ask_build(
        published, "select request_no from core.fct_purchase where purchase_no = 'PO-2026-00051'"
    ) == [("AR-10",)]
    assert ask_build(
        published,
        """select kind, next_action from marts.mart_handoff_gaps where document_no = 'PO-2026-00051'""",
    ) == [("approved_not_booked", "Bring the decision on AR-10 back to the purchase")]


@pytest.mark.parametrize("stream", ["crm.orders", "erp.purchases"])
def test_asked_again_after_an_approval_waits_for_the_last_request(published: Settings, stream: str) -> None:
    may_be_asked_again(published)
    if stream == "crm.orders":
        order(published, 51, "06-10 08:00", "100", approval_status="wanted", approval_kind="discount")
        about = {"source_stream": stream, "source_key": "CO-2026-00051", "kind": "discount"}
    else:
        bought(published, "PO-2026-00051")
        about = {}
    asked(published, "AR-9", "06-10", "approved", **about)
    asked(published, "AR-10", "06-11", "pending", **about)
    build_all(published)
    assert ask_build(
        published,
        f"""select kind, next_action from marts.mart_handoff_gaps
        where document_no like '%-2026-00051' and document_stream = '{stream}'""",
    ) == [("order_without_approval", "Decide AR-10")]
