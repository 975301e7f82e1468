"""Brings the hub's database to the newest shape: from nothing, from any older one, one process at a time.

its revision ─▶ known? ─▶ alone ─▶ Alembic, in one transaction where the database can. A database newer than
this code is refused, untouched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from connectors import sql_engine
from connectors.errors import Misconfigured, Unreachable
from hub.migrations import HEAD, REVISIONS

WAIT_S = 60
"""How long a process waits for another one's upgrade."""

_VERSION = "alembic_version"
_LOCK = 7_238_114_401  # PostgreSQL's advisory locks have numbers; this one is nobody else's here


def revision_of(connection: sa.Connection) -> str | None:
    """The database's revision; ``None`` when it has none: it is empty, or older than revisions are."""
    query = sa.text(f"select version_num from {_VERSION}")
    try:
        found: str | None = connection.execute(query).scalar_one_or_none()
    except sa.exc.DBAPIError:
        connection.rollback()
        if sa.inspect(connection).has_table(_VERSION):
            raise
        return None
    return found


def check_known(found: str | None, place: str) -> None:
    """``Misconfigured`` for a revision that this code has not heard of."""
    if found is not None and found not in REVISIONS:
        raise Misconfigured(
            f"state {place}: its tables are of revision {found}, this version of Tríada knows up to {HEAD}: "
            "a newer one has used them. Nothing was changed. Install that newer version again, put back the "
            "backup made before it, or set TRIADA_STATE_URL to another database"
        )


def upgrade(engine: sa.Engine) -> None:
    """Run the revisions that are missing."""
    # Half a second, which only a first start pays.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with sql_engine.writing(engine) as connection, _alone(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


@contextmanager
def _alone(connection: sa.Connection) -> Iterator[None]:
    """Hold what keeps other processes' upgrades out; on SQLite the transaction itself does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"set local lock_timeout = '{WAIT_S}s'")
        connection.exec_driver_sql("set local statement_timeout = 0")
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
        yield
    elif connection.dialect.name == "sqlite":
        yield
    else:
        # Its statements commit by themselves, so only a lock of the session spans them.
        name = sa.func.concat("triada ", sa.func.left(sa.func.md5(sa.func.database()), 32))
        if connection.execute(sa.select(sa.func.get_lock(name, WAIT_S - 10))).scalar_one() != 1:
            raise Unreachable("state: another process has been upgrading it for long; try again later")
        try:
            yield
            # Whoever gets the lock next must see the revision that was reached.
            connection.exec_driver_sql("commit")
        finally:
            connection.execute(sa.select(sa.func.release_lock(name)))
