"""The page hand-offs: where work stands still between the systems, who moves it on, what goes around them.

Gaps as the viewer may see them ─▶ the money in them, each document's once, by crossing, by owner and one by
one with the next action. The picture's places and the way of paper are modules beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from reports.filters import PART, PERSON, Filter
from reports.look import Look, Page
from reports.pages.hand_offs_paper import PAPER_ROWS, paper
from reports.pages.hand_offs_picture import picture
from reports.pages.hand_offs_rows import ASKED, GAP_ROWS, GAPS, RECORD_ROWS, narrowed
from reports.rows import RowSet

SHOWN = 12
"""Gaps on the page, those with most money; all of them are behind the link."""
OWNERS_SHOWN = 8

# Most selects of the page are made of the same joins, which `make` keeps as a table.
KEPT = "gaps_found"
FOUND = f"select *, 'all' as whole from own.{KEPT} as found where {ASKED}"


def _stuck(by: str) -> str:
    """Tables of a select's ``with``: the gaps ``found``, and what is ``stuck`` for each of ``by``.

    A document in two gaps is one money, and an order one under all its numbers; only its payments are each
    money of their own: so does marts.mart_metric count what is stuck.
    """
    return f"""
    found as ({FOUND}),
    documents as (
        select
            {by}, document_stream, document_no, max(amount) as amount,
            case when any_value(order_key) is not null then 'order'
                when any_value(purchase_no) is not null then 'erp.purchases'
                when any_value(request_no) is not null then 'oa.approval_requests'
                else document_stream end as object_type,
            coalesce(any_value(order_key), any_value(purchase_no), any_value(request_no), document_no)
                as object_no
        from found group by {by}, document_stream, document_no
    ),
    numbered as (
        select
            {by}, object_type, object_no,
            case when document_stream = 'erp.payments' then sum(amount) else max(amount) end as amount
        from documents group by {by}, object_type, object_no, document_stream
    ),
    stuck as (select {by}, max(amount) as amount from numbered group by {by}, object_type, object_no)"""


WHOLE = f"""
    with {_stuck("whole")}
    select
        (select count(*) from found) as gaps, (select count(*) from stuck) as documents,
        (select coalesce(sum(amount), 0) from stuck) as amount,
        (select coalesce(sum(amount), 0) from found) as listed,
        (select max(age_working_days) from found) as oldest"""
BY_KIND = f"""
    select kind, count(*) as gaps, sum(amount) as amount, max(age_working_days) as oldest
    from ({FOUND}) as found group by kind order by amount desc nulls last, kind"""
CROSSINGS = f"""
    with {_stuck("from_system, to_system")},
    money as (select from_system, to_system, sum(amount) as amount from stuck group by all)
    select
        from_system, to_system, count(*) as gaps, coalesce(any_value(money.amount), 0) as amount,
        max(age_working_days) as oldest, count(distinct kind) as kinds, min(kind) as kind
    from found join money using (from_system, to_system) group by from_system, to_system
    order by amount desc, from_system, to_system"""
OWNERS = f"""
    with {_stuck("owner_no")},
    money as (select owner_no, sum(amount) as amount from stuck group by owner_no)
    select
        found.owner_no, any_value(owner_name) as owner_name, count(*) as gaps,
        any_value(money.amount) as amount, max(age_working_days) as oldest,
        arg_min(next_action, (-coalesce(found.amount, 0), gap_key)) as next_action,
        arg_min(document_no, (-coalesce(found.amount, 0), gap_key)) as document_no,
        arg_min(gap_key, (-coalesce(found.amount, 0), gap_key)) as gap_key
    from found join money on money.owner_no is not distinct from found.owner_no
    group by found.owner_no
    order by amount desc nulls last, found.owner_no nulls last"""
LIST = f"{FOUND} order by amount desc nulls last, gap_key limit {SHOWN}"
PEOPLE = f"""
    select owner_no as value, any_value(owner_name) as label from own.{KEPT} as found
    where owner_no is not null group by owner_no order by label, value"""
PARTS = f"""
    select department_no as value, any_value(department_name) as label
    from core.dim_employee
    where is_current and department_no in (select department_no from own.{KEPT})
    group by department_no order by label, value"""
KINDS = f"select distinct kind as value from own.{KEPT} order by kind"


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before any document was handed on."""
    look.table(KEPT, GAPS)
    by_way = paper(look)
    asked = narrowed(look)
    whole = look.one(WHOLE, **asked)
    if by_way is None and not whole["gaps"]:
        return None
    owners = look.rows(OWNERS, **asked)
    crossings = look.rows(CROSSINGS, **asked)
    kinds = look.rows(BY_KIND, **asked)
    return {
        "options": options(look),
        "asked": asked,
        "finding": finding(look, whole, owners),
        "whole": whole,
        "drawings": picture(crossings),
        "crossings": crossings,
        "kinds": kinds,
        "kinds_top": max((row["amount"] or 0 for row in kinds), default=0),
        "owners": owners[:OWNERS_SHOWN],
        "owners_more": max(0, len(owners) - OWNERS_SHOWN),
        "holders": holders(look, owners) if owners else None,
        "owners_top": max((row["amount"] or 0 for row in owners), default=0),
        "gaps": look.rows(LIST, **asked),
        "paper": by_way,
    }


def finding(look: Look, whole: Mapping[str, Any], owners: list[Any]) -> Markup:
    """What stands still, its money, and who holds most of it."""
    reader = look.reader
    if not whole["gaps"]:
        return reader.text("hand-offs.found_none")
    said = [reader.text("hand-offs.found", whole["gaps"], amount=reader.money(whole["amount"]))]
    first = owners[0]
    if first["amount"] and len(owners) > 1:
        name = first["owner_name"] or first["owner_no"]
        amount = reader.money(first["amount"])
        said.append(
            reader.text("hand-offs.found_owner", name=name, amount=amount)
            if name
            else reader.text("hand-offs.found_nobody", amount=amount)
        )
    return Markup(" ").join(said)


def holders(look: Look, owners: list[Any]) -> Markup:
    """How many people can move work on, and what the one with most money does first."""
    people = [row for row in owners if row["owner_no"]]
    first = (people or owners)[0]
    action = look.reader.action(first["next_action"])
    if not people:
        return look.reader.text("hand-offs.owners_none", action=action)
    name = first["owner_name"] or first["owner_no"]
    if len(people) == 1 < len(owners):
        return look.reader.text("hand-offs.owners_one", name=name, action=action)
    return look.reader.text("hand-offs.owners_found", len(people), name=name, action=action)


def options(look: Look) -> Mapping[str, list[tuple[str, str]]]:
    """What the page can be narrowed to, as this viewer sees it."""
    chosen = {
        "kind": [(row["value"], look.reader.word("gap", row["value"])) for row in look.rows(KINDS)],
        "person": [(row["value"], row["label"] or row["value"]) for row in look.rows(PEOPLE)],
        "part": [(row["value"], row["label"] or row["value"]) for row in look.rows(PARTS)],
    }
    return {name: found for name, found in chosen.items() if len(found) > 1}


PAGE = Page(
    key="hand-offs",
    make=make,
    roles=frozenset({"executive", "finance", "sales_manager", "sales"}),
    filters=(Filter("kind", "text"), PERSON, PART),
)
ROWS: tuple[RowSet, ...] = (GAP_ROWS, RECORD_ROWS, PAPER_ROWS)
