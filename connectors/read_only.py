"""What a connector that is only read answers when it is asked for more: no write, no shape, nothing held."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import Misconfigured
from connectors.protocol import Fence, Outcome, Row, Window, Write


class ReadOnly:
    """A source that is no target; ``reason`` says why, after the stream's name."""

    reason = "it is only read"

    def write(self, write: Write, rows: Sequence[Row], *, fence: Fence | None = None) -> list[Outcome]:  # noqa: ARG002
        """Never: ``Misconfigured``."""
        raise Misconfigured(f"a write to {write.stream}: {self.reason}; expected a write to a store")

    def compare(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        """Never: ``Misconfigured``."""
        return self.write(write, rows)

    def release(self, window: Window) -> None:
        """A window holds nothing open."""

    def digest(self, stream: str) -> None:
        """It cannot tell: read it all."""

    def keys(self, stream: str, group: str) -> list[str]:  # noqa: ARG002
        """Never asked: there is no digest."""
        return []

    def drift(self, stream: str) -> tuple[str, ...]:  # noqa: ARG002
        """Its columns are what it says they are: nobody declared others."""
        return ()
