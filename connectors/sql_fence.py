"""Keeps a worker that was away too long from writing: the target itself knows the newest token.

The lease's row in ``fences`` is locked before anything is compared, and stays locked until the batch is
committed: so two tokens never write at once. A store without that table is written without. Holds no lease.
"""

from __future__ import annotations

import sqlalchemy as sa

from connectors.errors import LeaseLost
from connectors.protocol import Fence

_KEPT = "keeps_fences"
_TABLE = sa.table("fences", sa.column("name", sa.String), sa.column("token", sa.BigInteger))
_FIRST = sa.text("insert into fences (name, token) values (:name, :token) on conflict do nothing")
_RAISED_MARIADB = sa.text(
    "insert into fences (name, token) values (:name, :token) "
    "on duplicate key update token = greatest(token, :token)"
)


def raise_fence(connection: sa.Connection, fence: Fence, *, system: str) -> None:
    """Bring the target's token up to this one; ``LeaseLost`` when it is higher already."""
    if not _kept(connection):
        return
    mine, this = _TABLE.c.name == fence.name, {"name": fence.name, "token": fence.token}
    # Locks the row, and is no consistent read: what MariaDB reads afterwards is as new as the lock.
    look = sa.select(_TABLE.c.token).where(mine).with_for_update()
    if connection.dialect.name not in ("sqlite", "postgresql"):
        # Always a write there: MariaDB ends a paused transaction only when it has written something.
        connection.execute(_RAISED_MARIADB, this)
    while (seen := connection.execute(look).scalar_one_or_none()) is None:
        # Another worker may put its own there meanwhile: then that row is looked at.
        connection.execute(_FIRST, this)
    if seen > fence.token:
        raise LeaseLost(
            f"{system}: a worker with token {seen} writes {fence.name!r} now, this one has {fence.token}; "
            "it was away longer than its lease. Nothing of this batch was written; the other goes on."
        )
    if seen < fence.token:
        connection.execute(sa.update(_TABLE).where(mine).values(token=fence.token))


def _kept(connection: sa.Connection) -> bool:
    """Whether the target has the table; asked once a connection."""
    if _KEPT not in connection.info:
        connection.info[_KEPT] = sa.inspect(connection).has_table(_TABLE.name)
    return bool(connection.info[_KEPT])
