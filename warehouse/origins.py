"""Everything that the warehouse reads: every stream of the three systems, and what it may know of the hub.

Declarations; what a table that is read has to say of itself is in ``warehouse.origin``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models import state
from warehouse.origin import Extracted, Origin

if TYPE_CHECKING:
    import sqlalchemy as sa

VERSIONED = frozenset({"oa.employees", "crm.accounts", "erp.customers", "erp.items"})
# These stay with the hub: they may repeat what somebody typed, or say who somebody is.
_HUB_KEEPS = frozenset(
    (
        "payload",
        "reason",
        "error",
        "resolved_by",
        "resolution",
        "prints",
        "lost",
        "kept",
        "by",
        "why",
        "outcome",
    )
)
_HAPPENED = ("ordered_at", "requested_at", "closed_at", "recorded_at", "created_at", "paid_on")
# Of a payload only what a number needs is kept, whatever the stream calls it.
_AT_STAKE = (
    Extracted(
        "amount", "payload", ("total_amount", "amount", "won_amount", "expected_amount"), "decimal(18, 4)"
    ),
    Extracted("currency", "payload", ("currency",), "varchar"),
    Extracted("happened_at", "payload", _HAPPENED, "timestamptz"),
)


def _of_hub(table: sa.Table, key: tuple[str, ...], **more: Any) -> Origin:
    kept = tuple(column.name for column in table.c if column.name not in _HUB_KEEPS)
    return Origin(f"hub.{table.name}", table, key, columns=kept, **more)


# A run that has not ended, or whose row was forgotten, shows in the count: then all are read.
HUB = (
    _of_hub(state.runs, ("id",), changed="finished_at"),
    _of_hub(state.quarantine, ("id",), changed="", extracted=_AT_STAKE),
    _of_hub(state.links, ("flow", "step", "source_key", "target_key"), changed="written_at"),
    _of_hub(state.reconciliations, ("id",), changed="compared_at"),
    _of_hub(state.conflicts, ("id",), changed="seen_at"),
    _of_hub(state.interventions, ("id",), changed=""),
)


def origins() -> tuple[Origin, ...]:
    """Everything that is read, in the order of ``models.streams()``, the hub's state last."""
    found = []
    for stream in models.streams():
        table = models.stream_table(stream)
        found.append(Origin(stream, table, tuple(column.name for column in table.primary_key.columns)))
    return (*found, *HUB)
