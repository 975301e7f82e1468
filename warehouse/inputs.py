"""Tells what became of the relations that a model reads since it was built.

A staging view changed when the table behind it did; a relation whose changes are noted tells by its tick and
with its rows (``warehouse.changes``), any other by a checksum of what it holds. It makes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse import changes, increment
from warehouse.built import Built
from warehouse.changes import Change
from warehouse.model import BUILD, CLOCK, COMPANY, STREAMS, Model

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Inputs:
    """The build, the models by name, and the ticks of the last changes by relation, kept up by the runner."""

    build: duckdb.DuckDBPyConnection
    known: dict[str, Model]
    changed: dict[str, Change]

    def tracked(self, read: str) -> str:
        """The relation whose changes stand for those of a read."""
        model = self.known.get(read)
        return next(iter(model.reads)) if model is not None and model.layer == "staging" else read

    def states(self, model: Model) -> dict[str, str]:
        """Checksums of the inputs whose changes nobody notes."""
        unnoted = {read for read in model.reads if self.tracked(read) not in self.changed}
        if BUILD in model.reads and COMPANY in self.known:
            unnoted.add(COMPANY)
        return {read: increment.checksum(self.build, read) for read in sorted(unnoted)}

    def moved(self, model: Model, before: Built, states: dict[str, str]) -> set[str]:
        """The inputs that changed since the model was looked at."""
        lasts = {read: self.changed.get(self.tracked(read)) for read in model.reads}
        return {
            read
            for read, last in lasts.items()
            if (last[0] > before.seen if last else states.get(read) != before.states.get(read))
        }

    def moved_by_time(self, moved: set[str], before: Built, states: dict[str, str]) -> bool:
        """Whether these inputs moved since for no other reason than that time went by."""
        if BUILD in moved and states.get(COMPANY) != before.states.get(COMPANY):
            return False
        return bool(moved) and all(self._is_time(read, before.seen) for read in moved)

    def _is_time(self, read: str, seen: int) -> bool:
        if read in STREAMS:  # more than when it was read is new of a stream only where its rows changed
            raw = (last for relation, last in self.changed.items() if relation.startswith("raw."))
            return all(last.by_more <= seen for last in raw)
        last = self.changed.get(self.tracked(read))
        return read in CLOCK or read == BUILD or (last is not None and last.by_more <= seen)

    def rows(self, moved: set[str], *, seen: int) -> dict[str, str] | None:
        """By input, the select of its changed rows, before and after; None when those of some are unknown."""
        lasts = [self.changed.get(self.tracked(read)) for read in moved - CLOCK]
        if not all(last is not None and last[1] <= seen for last in lasts):
            return None
        return {read: self._rows_of(read, seen) for read in moved - CLOCK}

    def _rows_of(self, read: str, seen: int) -> str:
        tracked = self.tracked(read)
        delta = f"(select * exclude (_tick) from {changes.delta_of(tracked)} where _tick > {seen})"
        return f"from {delta}" if read == tracked else self.known[read].select.replace(tracked, delta)

    def needed(self, built: dict[str, Built], *, tick: int) -> dict[str, int]:
        """By relation, the tick up to which every model that could use its changed rows has seen them."""
        seen = dict.fromkeys(self.changed, tick)
        for model in self.known.values():
            mine = built[model.relation].seen if model.relation in built else 0
            for each in model.inputs:
                tracked = self.tracked(each.relation)
                if tracked in seen:
                    seen[tracked] = min(seen[tracked], mine)
        return seen
