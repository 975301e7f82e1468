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
_FIRST_MARIADB = sa.text("insert ignore into fences (name, token) values (:name, :token)")


def raise_fence(connection: sa.Connection, fence: Fence, *, system: str) -> None:
    """Bring the target's token up to this one; ``LeaseLost`` when it is higher already."""
    if not _kept(connection):
        return
    mine = _TABLE.c.name == fence.name
    while True:
        # Locks the row, and is no consistent read: what MariaDB reads afterwards is as new as the lock.
        seen = connection.execute(
            sa.select(_TABLE.c.token).where(mine).with_for_update()
        ).scalar_one_or_none()
        if seen is not None:
            break
        mariadb = connection.dialect.name not in ("sqlite", "postgresql")
        # Another worker may put its own there meanwhile: then that row is looked at.
        connection.execute(_FIRST_MARIADB if mariadb else _FIRST, {"name": fence.name, "token": fence.token})
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
