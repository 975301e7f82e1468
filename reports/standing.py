"""How things stand behind the pages: the banner of a warehouse that is held, or of a flow that stopped.

The document of ``triada status --json`` comes in, what the banner says goes out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from reports.reader import Reader
from reports.texts import plain

REASONS = 5
"""Reasons that the banner gives; the data-quality pages have all."""
FRESH_STATES = ("fresh", "published", "ok")


def stale(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the banner says when the warehouse or a flow stands still; ``None`` when all is well."""
    warehouse: Mapping[str, Any] = status.get("warehouse", status) or {}
    stopped = [
        flow["flow"] for flow in status.get("flows") or () if flow.get("state") in ("failed", "stopped")
    ]
    held = bool(warehouse) and warehouse.get("state") not in FRESH_STATES
    if not held and not stopped:
        return None
    failed = warehouse.get("failed_checks") or 0
    return {
        "since": instant(warehouse.get("stale_since") or warehouse.get("published_at")),
        "held": held,
        "failed": len(failed) if isinstance(failed, Sequence) else failed,
        "names": ", ".join(map(str, failed)) if isinstance(failed, Sequence) else "",
        "reasons": [said for said in (warehouse.get("reasons") or {}).values() if said][:REASONS],
        "stopped": ", ".join(stopped),
    }


def sentences(said: Mapping[str, Any] | None, reader: Reader) -> list[str]:
    """The banner's sentences as plain text; none when all is well."""
    found = said or {"held": False, "stopped": ""}
    held = [reader.text("stale.why")] if found["held"] else []
    stopped = [reader.text("stale.flows", names=found["stopped"])] if found["stopped"] else []
    return [plain(one) for one in (*held, *stopped)]


def instant(value: dt.datetime | str | None) -> dt.datetime | None:
    """An instant as the status carries it, aware or as RFC 3339 text."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value
