"""The lead file that lies in the inbox in the morning: some good lines, and the planted ones.

A folder and a day in, ``leads-YYYY-MM-DD.csv`` out; the same day gives the same file.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from stores.seed.faults import SECOND_SPELLING

COLUMNS = (
    "external_key",
    "company_name",
    "contact_name",
    "email",
    "phone",
    "country",
    "item_no",
    "expected_amount",
    "currency",
    "created_at",
    "campaign_no",
)
# Number of the line, company, contact, e-mail, phone, country, item, amount, hour. The keys of the planted
# lines are those of ``stores.seed.faults``.
LINES = (
    (
        1,
        "Torre do Vale Hotéis Lda",
        "Rita Nogueira",
        "rita@torredovale.example",
        "+351 22 555 0101",
        "PT",
        "IT-0101",
        "18400.00",
        8,
    ),
    (
        2,
        "Kühlhaus Ost GmbH",
        "Jens Vogel",
        "jens.vogel@kuehlhaus-ost.example",
        "",
        "DE",
        "IT-0105",
        "7250.50",
        9,
    ),
    (3, SECOND_SPELLING, "Sara Almeida", "sara@almeida.example", "", "PT", "IT-0121", "5300.00", 9),
    (
        4,
        "Bodegas Tresmares S.L.",
        "Pablo Rey",
        "pablo@tresmares.example",
        "",
        "ES",
        "IT-0130",
        "twelve thousand",
        10,
    ),
    (5, "Northmoor Stores Ltd", "Amy Holt", "amy.holt@", "+44 113 555 0140", "GB", "IT-0144", "3900.00", 11),
    (6, "Clínica Nova Braga Lda", "Hugo Pires", "", "+351 25 355 0122", "PT", "IT-0142", "", 11),
    (
        1,
        "Torre do Vale Hotéis Lda",
        "Rita Nogueira",
        "rita@torredovale.example",
        "+351 22 555 0101",
        "PT",
        "IT-0101",
        "18400.00",
        8,
    ),
)


def write_inbox(folder: Path, as_of: dt.date) -> Path:
    """Write the lead file of a day into the inbox; gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"leads-{as_of}.csv"
    arrived_on = as_of - dt.timedelta(days=1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, *given, hour in LINES:
            currency = "GBP" if given[4] == "GB" else "EUR"
            created_at = dt.datetime.combine(arrived_on, dt.time(hour, 30), dt.UTC).isoformat()
            writer.writerow([f"{as_of}-{number:03d}", *given, currency, created_at, ""])
    return path
