"""What a reader calls the activities of a process, in which order they come, and whose system they are in.

An activity as ``core.fct_process_event`` has it, such as *manager approved* ─▶ the reader's words, a place, a
system. It reads no table.
"""

from __future__ import annotations

from reports.reader import Reader
from reports.texts import texts

PLACES = (
    "lead created",
    "lead new",
    "lead engaged",
    "lead qualified",
    "lead proposal",
    "contact",
    "lead won",
    "lead lost",
    "order drafted",
    "order confirmed",
    "request filed",
    "approval asked",
    "approval decided",
    "request decided",
    "request cancelled",
    "funds booked",
    "attendance booked",
    "trip reported",
    "funds reversed",
    "attendance released",
    "order booked",
    "booking refused",
    "production planned",
    "production released",
    "production done",
    "production cancelled",
    "payment recorded",
    "shipment requested",
    "goods shipped",
    "shipment refused",
    "crm told",
    "order cancelled",
    "booking cancelled",
)
"""Kinds of activity in the order of the process, which decides between events of one instant."""
DECISIONS = ("asked", "approved", "refused", "cancelled", "skipped")
"""How the activity of an approval's step ends; the step's name stands before."""
CRM = ("lead ", "order drafted", "order confirmed", "order cancelled", "crm told", "contact", "trip reported")
ERP = ("order booked", "booking ", "production ", "payment ", "shipment ", "goods ", "funds ")
RECORDS = {"payment": "payment", "production": "production", "shipment": "shipment", "goods": "shipment",
           "approval": "request", "request": "request"}  # fmt: skip
"""The kind of record that an event is about, by the first word of its kind, where it has a page."""


def place(kind: str) -> int:
    """Where a kind of activity stands in the process; unknown ones come last."""
    # A level is asked after the one before it was decided: the two kinds share a place.
    return PLACES.index("approval asked" if kind == "approval decided" else kind) if kind in PLACES else 99


def said(reader: Reader, activity: str) -> str:
    """The activity in the reader's words; one that nobody has named is shown as it came."""
    if f"words.activity.{activity}" in texts(reader.locale.language):
        return reader.word("activity", activity)
    step, _, decision = activity.rpartition(" ")
    if step and decision in DECISIONS:
        return str(reader.text("record.step", step=reader.word("step", step),
                               decision=reader.word("decided", decision)))  # fmt: skip
    return activity


def system_of(activity: str) -> str:
    """The system an activity happens in, for a way that names activities alone."""
    if activity.startswith(CRM):
        return "crm"
    return "erp" if activity.startswith(ERP) else "oa"


def record_of(kind: str, event_no: str) -> tuple[str, str] | None:
    """The kind and number of the record that an event of this kind is about; ``None`` without a page."""
    found = RECORDS.get(kind.split(" ", maxsplit=1)[0])
    return (found, event_no.split(":", maxsplit=1)[0]) if found else None
