"""The hub at work: its state, the connectors it has opened, and the rules it checks by.

Settings in, a ``Desk`` out; nothing is connected before a step asks for it, everything is closed at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import tenacity

from checks.suite import Suite, load_suites
from connectors.errors import Unreachable
from connectors.protocol import Connector, Outcome, Row, Target, Write
from hub.memory import Memory
from hub.state import State, open_state
from hub.words import Flow, Step
from settings import Settings

RULES = Path(__file__).resolve().parent.parent / "flows"
TRIES = 3

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
        self._connect = connect or _connect
        self._rules = rules
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

    def memory(self, flow: Flow, step: Step) -> Memory:
        """What the hub remembers of this step."""
        return Memory(self.state, flow=flow.name, step=step.name)

    def suite(self, flow: Flow, step: Step) -> Suite | None:
        """The rules of a step: its section of ``flows/<flow>.yml``; none when it has no section."""
        return load_suites(self._rules / f"{flow.name}.yml").get(step.checks or step.name)

    def ask(self, call: Callable[[], T]) -> T:
        """The answer of a system, asked again a few times while it is ``Unreachable``."""
        return self._retrying(call)

    def write(self, target: Target, write: Write, *, rows: Sequence[Row]) -> list[Outcome]:
        """What became of these records; ``rewrites`` counts those given again.

        A target that did not answer may have kept them all the same, and calls them unchanged then.
        """
        given = 0

        def give() -> list[Outcome]:
            nonlocal given
            given += 1
            self.rewrites += given > 1
            return target.write(write, rows)

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
    """A desk over these settings, closed at the end.

    ``connect`` gives a system's connector from its name and address, ``rules`` is the folder of the rules
    files, ``patience_s`` bounds the wait between two tries.
    """
    desk = Desk(
        settings, open_state(settings.url("state")), connect=connect, rules=rules, patience_s=patience_s
    )
    try:
        yield desk
    finally:
        desk.close()


def _connect(system: str, url: str) -> Connector:
    from connectors.registry import connect

    return connect(system, url)
