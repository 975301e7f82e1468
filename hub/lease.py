"""Who runs a flow: one worker at a time, by a lease that ends when it is not renewed.

take (a token that only grows) ─▶ renewed in the background ─▶ confirmed with all that the hub remembers ─▶
given back. Its token fences the targets too (``connectors.protocol.Fence``): a worker that was paused past
its lease finds its writes refused. It runs nothing itself.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import sqlalchemy as sa

from connectors.errors import LeaseHeld, LeaseLost, TriadaError
from connectors.protocol import Fence
from hub.payload import instant
from hub.state import State, upsert
from models.state import leases
from models.types import now_utc

LOG = logging.getLogger("triada.hub")
_FRACTION = re.compile(r"(?<=:\d\d)\.\d+(?=Z)")
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Lease:
    """A flow in this worker's hands; ``confirm`` raises ``LeaseLost`` when it no longer is."""

    def __init__(self, state: State, *, flow: str, token: int, lasts: dt.timedelta) -> None:
        self._state = state
        self._lasts = lasts
        self.flow = flow
        self.token = token

    @property
    def fence(self) -> Fence:
        """What targets tell this worker's writes from a late one's by."""
        return Fence(self.flow, self.token)

    def renew(self) -> None:
        """Have it last for another while from now."""
        with self._state.writing() as connection:
            self.confirm(connection)

    def confirm(self, connection: sa.Connection) -> None:
        """Renew it in a transaction of the caller's, which thereby is this worker's or nothing."""
        until = _clock(connection) + self._lasts
        mine = sa.and_(leases.c.flow == self.flow, leases.c.token == self.token)
        if connection.execute(sa.update(leases).where(mine).values(expires_at=until)).rowcount != 1:
            holder = connection.execute(
                sa.select(leases.c.holder).where(leases.c.flow == self.flow)
            ).scalar_one_or_none()
            other = _to_the_second(holder or "nobody known")
            raise LeaseLost(
                f"flow {self.flow}: this worker was away longer than its lease of "
                f"{self._lasts.total_seconds():g} s, and {other} took over; "
                "nothing more of this run is written. What it left undone, the other one does"
            )

    def give_back(self) -> None:
        """Let the next worker in at once."""
        mine = sa.and_(leases.c.flow == self.flow, leases.c.token == self.token)
        with self._state.writing() as connection:
            connection.execute(sa.update(leases).where(mine).values(expires_at=_NEVER))


@contextmanager
def held(state: State, flow: str, *, lasts_s: float) -> Iterator[Lease]:
    """The flow's lease while the block runs; ``LeaseHeld`` says who has it.

    It is renewed in the background three times as often as it must be. A holder of this machine whose process
    has ended holds nothing; that of another machine is over when its lease is.
    """
    lasts = dt.timedelta(seconds=lasts_s)
    lease = Lease(state, flow=flow, token=_take(state, flow, lasts=lasts), lasts=lasts)
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(lease, done, lasts_s / 3), name=f"lease-{flow}", daemon=True)
    beat.start()
    try:
        yield lease
    finally:
        done.set()
        beat.join()
        try:
            lease.give_back()
        except TriadaError as error:  # it ends by itself; what the block raised is the one to tell
            LOG.warning("%s: its lease could not be given back: %s", flow, error)


def _take(state: State, flow: str, *, lasts: dt.timedelta) -> int:
    """The token of a lease newly taken."""
    nobody = {"flow": flow, "holder": "", "token": 0, "taken_at": _NEVER, "expires_at": _NEVER}
    with state.writing() as connection:
        upsert(connection, leases, [nobody], keys=("flow",), changes={})
    with state.writing() as connection:
        query = sa.select(leases).where(leases.c.flow == flow).with_for_update()
        row = connection.execute(query).one()
        now = _clock(connection)
        if row.expires_at > now and not has_ended(row.holder):
            raise LeaseHeld(
                f"flow {flow} is being run by {_to_the_second(row.holder)} since "
                f"{_to_the_second(instant(row.taken_at))}; expected nobody. Run it again when that one is "
                f"done; if it died, its lease ends at {_to_the_second(instant(row.expires_at))}"
            )
        # Not only one more than the last: a hub whose memory was lost must not begin below the old fences.
        token: int = max(row.token + 1, int(now.timestamp() * 1000))
        taken = {"holder": _me(), "token": token, "taken_at": now, "expires_at": now + lasts}
        connection.execute(sa.update(leases).where(leases.c.flow == flow).values(**taken))
        return token


def _beat(lease: Lease, done: threading.Event, every_s: float) -> None:
    while not done.wait(every_s):
        try:
            lease.renew()
        except LeaseLost:  # whoever writes next finds out by itself
            return
        except TriadaError as error:
            LOG.warning("%s: its lease could not be renewed: %s", lease.flow, error)


def _clock(connection: sa.Connection) -> dt.datetime:
    """The state's own clock: workers' clocks may differ."""
    query = sa.select(sa.type_coerce(now_utc(), leases.c.expires_at.type))
    now: dt.datetime = connection.execute(query).scalar_one()
    return now


def _me() -> str:
    """This worker as others read it: host, process, and when that process began."""
    return f"{socket.gethostname()} process {os.getpid()} of {_began(os.getpid())}"


def _to_the_second(text: str) -> str:
    """The text with its times as a person reads them; what tells two processes apart is kept as it is."""
    return _FRACTION.sub("", text)


def _began(process: int) -> str:
    """When a process began, which tells it from a later one of the same number; empty when there is none."""
    try:
        at = psutil.Process(process).create_time()
    except psutil.Error:
        return ""
    return instant(dt.datetime.fromtimestamp(round(at, 2), dt.UTC))


def has_ended(holder: str) -> bool:
    """Whether a holder was a process of this machine that is no more."""
    host, _, rest = holder.partition(" process ")
    number, _, began = rest.partition(" of ")
    if host != socket.gethostname() or not number.isdigit():
        return False
    return _began(int(number)) != began
