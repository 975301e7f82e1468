"""Leads: what arrives in files becomes a lead, and a qualified lead's account a prospect in the ERP.

files.leads → crm.leads; crm.leads (qualified, proposal, won) → erp.customers as prospects.
"""

import datetime as dt
from decimal import Decimal, InvalidOperation

from flows.customers import CREATED_ONCE, customer_of
from hub.words import Flow, Look, Made, MissingDependency, Read, RecordRejected, Row, Step, Using, Write

# Names this alike are one company spelled twice ("Acme Ltd" and "ACME Ltd."); found on the seeded names.
SAME_NAME_SCORE = 92


def captured_lead(row: Row, look: Look) -> Made:
    """A line of a lead file as a new lead; a company we know, even under another spelling, is its account."""
    account = _account_named(row["company_name"], look.rows("accounts"))
    return {
        "external_key": row["external_key"],
        "lead_no": f"L-{row['external_key']}",
        "account_no": account["account_no"] if account else None,
        **{name: row[name] or None for name in ("company_name", "contact_name", "email", "phone", "country")},
        "owner_no": account["owner_no"] if account else None,
        "campaign_no": row["campaign_no"] or None,
        "source": "file",
        "item_no": row["item_no"] or None,
        "stage": "new",
        "expected_amount": _amount(row["expected_amount"]),
        "currency": row["currency"],
        "created_at": _instant(row["created_at"]),
    }


def prospect(lead: Row, look: Look) -> Made:
    """The ERP prospect for a qualified lead's account; an active account is the customers flow's matter."""
    if lead["account_no"] is None:
        return None
    account = look.one("accounts", lead["account_no"])
    if account is None:
        raise MissingDependency(
            f"lead {lead['lead_no']}: account {lead['account_no']} is not in the CRM; it waits for it",
            rule="account_exists",
        )
    return customer_of(account, kind="prospect") if account["status"] == "prospect" else None


def _account_named(company: str, accounts: list[Row]) -> Row | None:
    from rapidfuzz import fuzz, process, utils

    names = [account["name"] for account in accounts]
    best = process.extractOne(
        company, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=SAME_NAME_SCORE
    )
    return accounts[best[2]] if best else None


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise RecordRejected(
            f"files.leads: expected_amount came as {text!r}; expected a number such as 1250.00: "
            "correct the file and put it back into the inbox",
            rule="expected_amount_is_a_number",
        ) from None


def _instant(text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise RecordRejected(
            f"files.leads: created_at came as {text!r}; expected an instant with its zone such as "
            "2026-11-20T09:30:00+01:00: correct the file and put it back into the inbox",
            rule="created_at_is_an_instant",
        )
    return instant


# Sales people work on a lead once it is there: a file that comes again must not change back what they did.
_ALL_AT_FIRST = (
    "lead_no", "account_no", "company_name", "contact_name", "email", "phone", "country", "owner_no",
    "campaign_no", "source", "item_no", "stage", "expected_amount", "currency", "created_at",
)  # fmt: skip

LEADS = Flow(
    name="leads",
    every="15 minutes",
    owner="marketing",
    doc=__doc__,
    steps=(
        Step(
            "capture",
            read=Read("files.leads"),
            make=captured_lead,
            write=Write("crm.leads", key="external_key", create=_ALL_AT_FIRST),
            using={"accounts": Using("crm.accounts", "name")},
        ),
        Step(
            "prospects",
            read=Read("crm.leads", where={"stage": ("qualified", "proposal", "won")}),
            make=prospect,
            write=Write("erp.customers", key="crm_account_no", create=CREATED_ONCE),
            using={"accounts": Using("crm.accounts", "account_no", match="account_no")},
        ),
    ),
)
