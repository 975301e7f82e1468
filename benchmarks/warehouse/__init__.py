"""What the warehouse costs, part by part, each beside its peer or its floor in the same run."""

from __future__ import annotations

from typing import Any


def run() -> list[dict[str, Any]]:
    """The rows of every part, in the order of the build."""
    from benchmarks.warehouse import extract, gates, transform, whole

    return [*extract.run(), *transform.run(), *gates.run(), *whole.run()]
