"""What a run of a step did, in numbers that add up."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StepReport:
    """Counts of rows read, each once: ``read = written + unchanged + waiting + quarantined``."""

    flow: str
    step: str
    read: int
    written: int
    unchanged: int
    waiting: int
    quarantined: int
    seconds: float
    tell: bool
    """Whether others may find news: it wrote, or what it or the run before it wrote is not known for sure."""
    notes: list[str] = field(default_factory=list)
    """What the engineer should know: columns that a stream has and nobody declared."""


@dataclass
class Tally:
    """The counts of a run while it runs."""

    read: int = 0
    written: int = 0
    unchanged: int = 0
    waiting: int = 0
    quarantined: int = 0

    def add(self, fate: str) -> None:
        """Count one row that was read and became ``fate``."""
        self.read += 1
        setattr(self, fate, getattr(self, fate) + 1)

    def adds_up(self) -> bool:
        """Whether every row read has one fate."""
        return self.read == self.written + self.unchanged + self.waiting + self.quarantined
