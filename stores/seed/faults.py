"""The faults planted in the seeded company, each with the answer it must meet; docs and tests read them here.

Declarations only: the rows are written by ``stores.seed.plant`` and ``stores.seed.inbox``, the page by
``stores.seed.faults_page``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

UNKNOWN_ITEM = "IT-9999"
# Numbers of the year that the planted orders carry.
UNKNOWN_ITEM_NUMBER = 51
NEGATIVE_NUMBER = 52
WRONG_TOTAL_NUMBER = 53
PROSPECT_NUMBER = 54
HOLD_NUMBER = 55
NO_COUNTRY_NUMBER = 56
BOMLESS_NUMBER = 57
SOLD_OUT_NUMBER = 58
SKIPPED_NUMBER = 59
NOT_TOLD_NUMBER = 60
WON_LEAD_NUMBER = 61
ZERO_TRIP_NUMBER = 62

NO_COUNTRY_ACCOUNT = "A-0001"
PROSPECT_ACCOUNT = "A-0002"
HOLD_ACCOUNT = "A-0003"
SOUND_ACCOUNT, SOUND_CUSTOMER = "A-0004", "C-0004"
SOUND_COMPANY, SECOND_SPELLING = "Almeida Climatização Lda", "ALMEIDA  Climatização, LDA."
BAD_EMAIL_EMPLOYEE, BAD_EMAIL = "E-0062", "lucia.ferrer(at)triada.example"


@dataclass(frozen=True)
class Fault:
    """One planted fault: what, where, the answer it must meet, and the rule that the answer names.

    ``keys`` are the rows that carry it, with ``YYYY`` and ``DAY`` where the day of the seed decides.
    """

    title: str
    stream: str
    keys: tuple[str, ...]
    answer: str
    rule: str

    @property
    def count(self) -> int:
        """How many rows carry it."""
        return len(self.keys)


def year(as_of: dt.date) -> int:
    """The year that planted keys carry: that of the last day lived."""
    return (as_of - dt.timedelta(days=1)).year


def faults(as_of: dt.date) -> tuple[Fault, ...]:
    """All faults, with the keys they have when the company is seeded up to that day."""
    return tuple(
        replace(
            fault,
            keys=tuple(
                key.replace("YYYY", str(year(as_of))).replace("DAY", str(as_of)) for key in fault.keys
            ),
        )
        for fault in FAULTS
    )


def _order(number: int, *, system: str = "CO") -> tuple[str, ...]:
    return (f"{system}-YYYY-{number:05d}",)


FAULTS = (
    Fault(
        "order of an item that nobody sells",
        "crm.orders",
        _order(UNKNOWN_ITEM_NUMBER),
        "quarantined",
        "item_in_erp",
    ),
    Fault(
        "order line with a negative quantity",
        "crm.orders",
        _order(NEGATIVE_NUMBER),
        "quarantined",
        "quantity_is_positive",
    ),
    Fault(
        "order whose total is not the sum of its lines",
        "crm.orders",
        _order(WRONG_TOTAL_NUMBER),
        "quarantined",
        "total_is_sum_of_lines",
    ),
    Fault(
        "confirmed order of an account that is still a prospect",
        "crm.orders",
        _order(PROSPECT_NUMBER),
        "waiting",
        "customer_in_erp",
    ),
    Fault(
        "order of a customer on credit hold",
        "crm.orders",
        _order(HOLD_NUMBER),
        "refused by the ERP, and the CRM is told why",
        "credit_hold",
    ),
    Fault(
        "active account without a country",
        "crm.accounts",
        (NO_COUNTRY_ACCOUNT,),
        "quarantined",
        "country_is_given",
    ),
    Fault(
        "order of the account without a country",
        "crm.orders",
        _order(NO_COUNTRY_NUMBER),
        "waiting",
        "customer_in_erp",
    ),
    Fault(
        "order of an item without a bill of materials",
        "erp.sales_orders",
        _order(BOMLESS_NUMBER, system="SO"),
        "waiting",
        "bom_is_there",
    ),
    Fault(
        "paid order of an item that is sold out",
        "erp.shipments",
        _order(SOLD_OUT_NUMBER, system="SH"),
        "waiting in the ERP for stock, and on the report",
        "in_stock",
    ),
    Fault(
        "employee with a malformed e-mail address",
        "oa.employees",
        (BAD_EMAIL_EMPLOYEE,),
        "quarantined",
        "email_is_one",
    ),
    Fault(
        "approved trip of no amount",
        "oa.approval_requests",
        (f"AR-YYYY-{ZERO_TRIP_NUMBER:05d}",),
        "quarantined",
        "amount_is_positive",
    ),
    Fault(
        "won lead without an order",
        "crm.leads",
        (f"L-YYYY-{WON_LEAD_NUMBER:04d}",),
        "flagged on the report",
        "won_without_order",
    ),
    Fault(
        "lead file: an amount that is no number",
        "files.leads",
        ("DAY-004",),
        "quarantined",
        "expected_amount_is_a_number",
    ),
    Fault(
        "lead file: a malformed e-mail address",
        "files.leads",
        ("DAY-005",),
        "quarantined",
        "email_is_one",
    ),
    Fault(
        "lead file: the same line twice",
        "files.leads",
        ("DAY-001",),
        "merged into one lead",
        "same_key",
    ),
    Fault(
        "lead file: a known company in another spelling",
        "files.leads",
        ("DAY-003",),
        f"merged: the lead is {SOUND_ACCOUNT}'s",
        "same_company",
    ),
)
