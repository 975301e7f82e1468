"""What must be true of a lead that somebody enters: who it is, where to reach them, what it may be worth.

A lead's columns → the faults found, all at once. Leads from files keep to ``flows/leads.yml``; this is not
for what the hub writes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from models import crm
from stores.records import Row

# The same as a file's (``checks.kinds``).
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
SHOWN = 60


@dataclass(frozen=True)
class Fault:
    """What is wrong with a column: ``rule`` names the rule, ``reason`` what came and was expected."""

    column: str
    reason: str
    rule: str


def lead_faults(connection: sa.Connection, lead: Row, *, said: Collection[str]) -> list[Fault]:
    """The faults in the columns that were said; what is there already is nobody's fault now."""
    faults = []
    names = ("company_name", "contact_name")
    if any(name in said for name in names) and not any((lead.get(name) or "").strip() for name in names):
        faults.append(
            Fault(
                "company_name",
                "neither it nor contact_name says who this is; give one of them",
                "contact_or_company",
            )
        )
    email = (lead.get("email") or "").strip()
    if "email" in said and email and not _EMAIL.fullmatch(email):
        reason = f"came as {email[:SHOWN]!r}; expected an e-mail address such as ana@example.com"
        faults.append(Fault("email", reason, "email_is_one"))
    amount = lead.get("expected_amount")
    if "expected_amount" in said and amount is not None and amount < 0:
        reason = f"came as {amount:f}; expected 0 or more"
        faults.append(Fault("expected_amount", reason, "expected_amount_is_not_negative"))
    item_no = lead.get("item_no")
    if "item_no" in said and item_no and not _is_sold(connection, item_no):
        reason = f"came as {item_no[:SHOWN]!r}; products has no such item: GET /products lists them"
        faults.append(Fault("item_no", reason, "item_is_known"))
    return faults


def _is_sold(connection: sa.Connection, item_no: str) -> bool:
    found = connection.execute(sa.select(crm.products.c.item_no).where(crm.products.c.item_no == item_no))
    return found.first() is not None
