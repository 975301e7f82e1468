"""The shape of every stream: the SQLAlchemy tables of OA, CRM, ERP and of the hub's own state.

A reference store's tables *are* its streams: ``crm.orders`` is the table ``orders`` of the CRM database.
"""

from sqlalchemy import MetaData, Table

from models import crm, erp, erp_supply, oa
from models.internal import INTERNAL

__all__ = ["SYSTEMS", "crm", "erp", "erp_supply", "oa", "stream_table", "streams"]

SYSTEMS: dict[str, MetaData] = {"oa": oa.METADATA, "crm": crm.METADATA, "erp": erp_supply.METADATA}


def stream_table(stream: str) -> Table:
    """The table of a stream named ``system.table``; ``KeyError`` names the stream when there is none."""
    system, _, name = stream.partition(".")
    try:
        return SYSTEMS[system].tables[name]
    except KeyError:
        raise KeyError(f"no stream {stream!r}; the streams are listed in docs/streams.md") from None


def streams() -> tuple[str, ...]:
    """The names of all streams of the three systems, sorted; a store's bookkeeping is none."""
    return tuple(
        f"{system}.{name}"
        for system, metadata in SYSTEMS.items()
        for name in sorted(metadata.tables)
        if name not in INTERNAL
    )
