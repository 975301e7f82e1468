"""The hub at work: its state, the connectors it has opened, and the rules it checks by.

Settings in, a ``Desk`` out; nothing is connected before a step asks for it, everything is closed at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import tenacity

from checks.suite import Suite, load_suites
from connectors.errors import Unreachable
from connectors.protocol import Connector, Fence, Outcome, Row, Target, Write
from hub import logs
from hub.lease import Lease, held
from hub.memory import Memory
from hub.state import State, open_state
from hub.words import Flow, Step
from settings import Settings

RULES = Path(__file__).resolve().parent.parent / "flows"
TRIES = 3
LOG = logging.getLogger("triada.hub")

T = TypeVar("T")
Connect = Callable[[str, str], Connector]


class Desk:
    """What a run needs; one at a time uses it."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        *,
        connect: Connect | None = None,
        rules: Path = RULES,
        patience_s: float = 5.0,
    ) -> None:
        self.settings = settings
        self.state = state
        self.page_rows = settings.page_rows
        self.rewrites = 0
        self._connect = connect or partial(_connect, settings)
        self._rules = rules
        self._told: set[str] = set()
        self._connectors: dict[str, Connector] = {}
        wait = tenacity.wait_random_exponential(multiplier=0.2, max=patience_s)
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES),
            wait=wait if patience_s else tenacity.wait_none(),
            retry=tenacity.retry_if_exception_type(Unreachable),
            reraise=True,
        )

    def connector(self, system: str) -> Connector:
        """The system's connector, made when first asked for."""
        if system not in self._connectors:
            self._connectors[system] = self._connect(system, self.settings.url(system))
        return self._connectors[system]

    def lease(self, flow: Flow) -> AbstractContextManager[Lease]:
        """The flow in this worker's hands while the block runs; ``LeaseHeld`` when it is in another's."""
        return held(self.state, flow.name, lasts_s=self.settings.lease_s)

    def memory(self, flow: Flow, step: Step, *, lease: Lease | None = None) -> Memory:
        """What the hub remembers of this step; without its ``lease`` it is only asked."""
        return Memory(self.state, flow=flow.name, step=step.name, lease=lease)

    def shapes(self, step: Step) -> tuple[str, ...]:
        """Undeclared columns of the streams a step touches; ``Refused`` when a declared one is not there."""
        streams = [step.read.stream, step.read.lines, step.write.stream, step.write.lines]
        streams += [using.stream for using in step.using.values()]
        notes: dict[str, None] = {}
        for stream in dict.fromkeys(each for each in streams if each):
            connector = self.connector(stream.partition(".")[0])
            notes |= dict.fromkeys(self.ask(partial(connector.drift, stream)))
        for note in notes:
            if note not in self._told:  # the result carries it each time; the log says it once
                LOG.info("%s", note)
        self._told |= notes.keys()
        return tuple(notes)

    def suite(self, flow: Flow, step: Step) -> Suite | None:
        """The rules of a step: its section of ``flows/<flow>.yml``; none when it has no section."""
        return load_suites(self._rules / f"{flow.name}.yml").get(step.checks or step.name)

    def ask(self, call: Callable[[], T]) -> T:
        """The answer of a system, asked again a few times while it is ``Unreachable``."""
        return self._retrying(call)

    def write(
        self, target: Target, write: Write, *, rows: Sequence[Row], fence: Fence | None = None
    ) -> list[Outcome]:
        """What became of these records; ``rewrites`` counts those given again.

        A target that did not answer may have kept them all the same, and calls them unchanged then.
        """
        given = 0

        def give() -> list[Outcome]:
            nonlocal given
            given += 1
            self.rewrites += given > 1
            return target.write(write, rows, fence=fence)

        return self.ask(give)

    def close(self) -> None:
        """Close what was opened."""
        for connector in self._connectors.values():
            connector.close()
        self._connectors.clear()
        self.state.close()


@contextmanager
def open_desk(
    settings: Settings, *, connect: Connect | None = None, rules: Path = RULES, patience_s: float = 5.0
) -> Iterator[Desk]:
    """A desk over these settings, closed at the end; from then on the process logs under their home.

    ``connect`` gives a system's connector from its name and address, ``rules`` is the folder of the rules
    files, ``patience_s`` bounds the wait between two tries.
    """
    logs.start(settings)
    desk = Desk(
        settings, open_state(settings.url("state")), connect=connect, rules=rules, patience_s=patience_s
    )
    try:
        yield desk
    finally:
        desk.close()


def _connect(settings: Settings, system: str, url: str) -> Connector:
    from connectors.registry import connect

    return connect(system, url, token=settings.token(system))
