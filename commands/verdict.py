"""Whether the warehouse that was just built may be relied on: what held it, and what could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from commands.spoken import many


def complaints(stages: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each reason why a run of the warehouse is not well, from its stages' own counts.

    A gate that failed with severity ``warn`` marks its numbers and is no complaint; a publication that was
    held, and a check that could not run, are.
    """
    said: list[str] = []
    for stage in stages:
        if unchecked := int(stage.get("could_not_check", 0)):
            said.append(
                f"the warehouse: {many(unchecked, 'check')} could not run; `triada status` shows its state"
            )
        if stage.get("state", "fresh") != "fresh":
            held = ", ".join(stage.get("failed_checks", ())) or "unknown"
            said.append(f"the warehouse is {stage['state']}, the last good publication stays; held by {held}")
    return said
