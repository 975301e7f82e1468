"""The stores' own rules for a record that somebody enters, by stream, as the API tells them.

A record and the columns that were said → field errors. Knows no rule itself; the hub's records are not asked
about, because its flows check their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import sqlalchemy as sa

from stores.api.problems import FieldError
from stores.api.store import Stream
from stores.api.values import Row
from stores.leads import Fault, lead_faults

Find = Callable[..., list[Fault]]
RULES: Mapping[str, Find] = {"crm.leads": lead_faults}


def rule_errors(
    connection: sa.Connection, stream: Stream, values: Row, *, said: Collection[str]
) -> list[FieldError]:
    """What the store's rules refuse of the columns that were said; ``values`` is the whole record."""
    find = RULES.get(stream.name)
    faults = find(connection, values, said=said) if find else []
    return [FieldError(fault.column, fault.reason, fault.rule) for fault in faults]
