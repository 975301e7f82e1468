"""What the seeded company never does twice, done twice: without it nothing would be counted as done again."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import sqlalchemy as sa

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


def do_again(settings: Settings) -> None:
    """Some leads go back a stage and come there again; of some orders the first approver was asked twice."""
    for system, script in (("crm", STAGES), ("oa", STEPS)):
        path = sa.make_url(settings.url(system)).database
        with closing(sqlite3.connect(str(path))) as store:
            store.executescript(script)
            store.commit()
