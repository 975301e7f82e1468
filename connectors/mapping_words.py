"""What a declaration in YAML may hold, checked piece by piece; every fault is collected, none is raised."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.near import did_you_mean


class Words:
    """Collects what is wrong in a file, so that a person corrects it once."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.faults: list[str] = []

    def wrong(self, place: str, what: str) -> None:
        """Note a fault at a place of the file."""
        self.faults.append(f"{self.where}{', ' + place if place else ''}: {what}")

    def table(self, place: str, given: Any, words: Iterable[str] = ()) -> dict[str, Any]:
        """``given`` as names with values; with ``words``, only these names are known."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.wrong(place, f"came {given!r}; expected names with values")
            return {}
        for name in given:
            if words and name not in words:
                close = did_you_mean(str(name), words)
                self.wrong(place, f"{name!r} is not known here{close}; known are {', '.join(words)}")
        return given

    def texts(self, place: str, given: Any) -> dict[str, str]:
        """Text to text; YAML's own readings (``NO`` is false, ``1.10`` a number) would change a value."""
        table = self.table(place, given)
        for name, value in table.items():
            if not isinstance(name, str) or not isinstance(value, str):
                self.wrong(place, f"{name!r}: {value!r} is not text to text; write both in quotes")
        return table
