"""Lets the store decide on what arrived as requested, as soon as it arrived.

A write → one short-lived thread a store that runs ``stores.worker`` until nothing more was written. Who wrote
waits for it a moment, so that a single order is decided when its answer comes, and a batch is not held up.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Mapping

import sqlalchemy as sa

from stores.worker import work

LOG = logging.getLogger("triada.api")
WAIT_S = 2.0
TRIES = 5
DECIDED_ON: Mapping[str, frozenset[str]] = {
    "oa": frozenset({"approval_requests"}),
    "erp": frozenset(
        {"sales_orders", "payments", "production_orders", "shipments", "stock", "bom_lines", "customers"}
    ),
}


class Handling:
    """The worker of one store; one round at a time, and another one when something came meanwhile."""

    def __init__(self, system: str, engine: sa.Engine) -> None:
        self._system, self._engine = system, engine
        self._lock = threading.Lock()
        self._asked = False
        self._round: threading.Thread | None = None

    def handle(self, table: str) -> None:
        """Decide on what may have arrived in a table; returns when it is done, or after a moment."""
        if table not in DECIDED_ON.get(self._system, ()):
            return
        with self._lock:
            self._asked = True
            if self._round is None:
                self._round = threading.Thread(target=self._work, name=f"{self._system}-worker", daemon=True)
                self._round.start()
            going = self._round
        going.join(WAIT_S)

    def finish(self) -> None:
        """Wait for the round in hand."""
        with self._lock:
            going = self._round
        if going is not None:
            going.join()

    def _work(self) -> None:
        failed = 0
        while True:
            with self._lock:
                if not self._asked or failed == TRIES:
                    self._round = None
                    return
                self._asked = False
            try:
                work({self._system: self._engine}, at=dt.datetime.now(dt.UTC))
                failed = 0
            except sa.exc.SQLAlchemyError as error:
                # Another writer was in the way, such as a second worker; what is requested stays so.
                failed += 1
                LOG.warning(
                    "the worker of %s was stopped (%s), try %d", self._system, type(error).__name__, failed
                )
                time.sleep(0.1 * 2**failed)
                with self._lock:
                    self._asked = True
