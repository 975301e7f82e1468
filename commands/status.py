"""How each flow stands, and how fresh the warehouse is."""

from __future__ import annotations

from typing import Any

from flows import FLOWS
from settings import load


def status() -> dict[str, Any]:
    """The document of ``triada status --json``: the flows, beside them what an engineer asks next, alerts."""
    from hub.desk import open_desk
    from hub.status import details
    from hub.status import status as flow_status
    from hub.waits import alerts
    from warehouse.status import read_status

    settings = load()
    with open_desk(settings) as desk:
        return {
            "flows": flow_status(desk, FLOWS),
            "details": details(desk, FLOWS),
            "alerts": alerts(desk),
            "wait_alert_hours": settings.wait_alert_hours,
            "warehouse": dict(read_status(settings)),
        }
