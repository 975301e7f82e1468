"""Rows that have waited too long for something else to arrive: an order whose customer never comes.

the open entries that wait ─▶ those older than ``TRIADA_WAIT_ALERT_HOURS`` ─▶ alerts in ``status``, a warning
in the log of each run. It moves nothing.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.errors import TriadaError
from hub.desk import Desk
from hub.payload import instant
from models.state import quarantine as table

LOG = logging.getLogger("triada.hub")
OPENED: Any = sa.func.coalesce(table.c.opened_at, table.c.first_seen_at, type_=table.c.first_seen_at.type)
"""Since when an entry is open this time."""

_NAMED = 3


def alerts(desk: Desk, *, flow: str = "", now: datetime | None = None) -> list[dict[str, Any]]:
    """The rows that have waited too long, the oldest first; ``waits_since`` is RFC 3339 text."""
    at = now or datetime.now(UTC)
    too_old = at - timedelta(hours=desk.settings.wait_alert_hours)
    query = sa.select(
        *(table.c[name] for name in ("id", "flow", "step", "key", "rule", "reason")),
        OPENED.label("waits_since"),
    ).where(table.c.state == "waiting", too_old > OPENED)
    if flow:
        query = query.where(table.c.flow == flow)
    with desk.state.reading() as connection:
        rows = connection.execute(query.order_by(OPENED, table.c.id)).mappings()
        return [{**row, "waits_since": instant(row["waits_since"])} for row in rows]


def warn_of_waits(desk: Desk, flow: str) -> None:
    """Say in the log which rows of a flow have waited too long; stops no run."""
    try:
        found = alerts(desk, flow=flow)
    except TriadaError as error:
        LOG.warning("%s: which rows wait too long could not be asked: %s", flow, error)
        return
    if not found:
        return
    keys = ", ".join(dict.fromkeys(each["key"] for each in found[:_NAMED]))
    LOG.warning(
        "%s: %d rows wait longer than %g hours, the oldest since %s: %s%s; "
        "`triada quarantine list --waiting` says what each waits for",
        flow,
        len(found),
        desk.settings.wait_alert_hours,
        found[0]["waits_since"],
        keys,
        ", …" if len(found) > _NAMED else "",
    )
