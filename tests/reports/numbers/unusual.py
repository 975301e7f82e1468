"""What the seeded company never does: something twice, and wait for an order's, a purchase's or a trip's yes.

Without it nothing would be counted as done again, held up or set aside.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing

import sqlalchemy as sa

from hub.state import open_state
from models.state import quarantine
from settings import Settings

LEADS, ORDERS = 5, 4
# A lead goes back to where it was two days after it came there.
STAGES = f"""
    insert into lead_stages (lead_stage_no, lead_no, stage, entered_at, by_no, updated_at)
    select lead_stage_no || ':again', lead_no, stage,
        strftime('%Y-%m-%d %H:%M:%S.000000', entered_at, '+2 days'), by_no, updated_at
    from lead_stages where stage = 'proposal' and lead_no in (
        select lead_no from orders where lead_no is not null order by order_no limit {LEADS})"""
CHOSEN = f"""
    select request_no from approval_requests
    where source_stream = 'crm.orders' and status = 'approved' order by request_no limit {ORDERS}"""
# Who was asked first had been asked before, and agreed: three days of the calendar went by until then.
STEPS = f"""
    insert into approval_steps (step_no, request_no, sequence, step_name, requester_no, approver_no, asked_at,
        decided_at, decision, updated_at)
    select step_no || ':again', request_no, 0, step_name, requester_no, approver_no,
        strftime('%Y-%m-%d %H:%M:%S.000000', asked_at, '-3 days'), asked_at, 'approved', updated_at
    from approval_steps where sequence = 1 and request_no in ({CHOSEN});
    update approval_requests
    set requested_at = strftime('%Y-%m-%d %H:%M:%S.000000', requested_at, '-3 days')
    where request_no in ({CHOSEN})"""
# One order, one purchase and two trips wait for their first approver; the order is wanted in forty days.
HELD = """
    update crm.orders set requested_on = date(ordered_at, '+40 days')
    where order_no = (select min(order_no) from crm.orders where approval_status = 'wanted');
    insert into approval_requests (request_no, kind, requester_no, subject, amount, currency, status,
        source_stream, source_key, starts_on, ends_on, requested_at, channel, updated_at)
    select * from (
        select 'AR-' || order_no, approval_kind, owner_no, 'An order', total_amount, currency, 'pending',
            'crm.orders', order_no, null, null, ordered_at, 'system', ordered_at
        from crm.orders where approval_status = 'wanted' order by order_no limit 1)
    union all
    select * from (
        select 'AR-' || purchase_no, 'purchase', requester_no, 'A purchase', total_amount, currency,
            'pending', 'erp.purchases', purchase_no, null, null, ordered_at, 'system', ordered_at
        from erp.purchases where approval_status = 'wanted' order by purchase_no limit 1)
    union all
    select * from (
        select request_no || '-next', kind, requester_no, subject, amount, currency, 'pending',
            null, null, date(starts_on, '+90 days'), date(ends_on, '+90 days'), requested_at, 'system',
            updated_at
        from approval_requests where kind = 'trip' and status = 'approved'
        order by requested_at desc, request_no limit 2);
    insert into approval_steps (step_no, request_no, sequence, step_name, requester_no, approver_no, asked_at,
        decision, updated_at)
    select request_no || ':1', request_no, 1, 'manager', requester_no, coalesce(manager_no, employee_no),
        requested_at, 'pending', approval_requests.updated_at
    from approval_requests join employees on employee_no = requester_no
    where request_no not in (select request_no from approval_steps) and status = 'pending'"""


def add_unusual(settings: Settings) -> None:
    """Leads go back a stage, first approvers are asked twice, and what waits for a yes holds something up."""
    paths = {system: sa.make_url(settings.url(system)).database for system in ("crm", "erp", "oa")}
    for system, script in (("crm", STAGES), ("oa", STEPS), ("oa", HELD)):
        with closing(sqlite3.connect(str(paths[system]))) as store:
            for other in {"crm", "erp"} - {system}:
                store.execute(f"attach ? as {other}", (paths[other],))
            store.executescript(script)
            store.commit()


ASIDE = [
    *[("quarantined", "lines_add_up")] * 2, ("quarantined", "quantity_is_positive"),
    ("waiting", "item_in_erp"), ("resolved", "lines_add_up"),
]  # fmt: skip


def set_aside(settings: Settings) -> None:
    """Rows that the hub holds back, for three reasons, and one that went on."""
    state, now = open_state(settings.url("state")), dt.datetime.now(dt.UTC)
    same = {"flow": "orders", "step": "book", "stream": "crm.orders", "reason": "counted", "payload": "{}"}
    seen = {"count": 1, "first_seen_at": now, "last_seen_at": now, "opened_at": now}
    with state.writing() as connection:
        for n, (what, rule) in enumerate(ASIDE):
            own = {"key": f"CO-ASIDE-{n}", "state": what, "rule": rule}
            gone = now if what == "resolved" else None
            connection.execute(quarantine.insert().values(**same, **seen, **own, resolved_at=gone))
    state.close()
