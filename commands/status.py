"""How each flow stands, and how fresh the warehouse is."""

from __future__ import annotations

from typing import Any

from flows import FLOWS
from settings import load


def status() -> dict[str, Any]:
    """The document of ``triada status --json``."""
    from hub.desk import open_desk
    from hub.status import status as flow_status
    from warehouse.status import read_status

    settings = load()
    with open_desk(settings) as desk:
        flows = flow_status(desk, FLOWS)
    return {"flows": list(flows), "warehouse": dict(read_status(settings))}
