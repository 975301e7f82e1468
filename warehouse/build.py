"""Makes core and marts from raw: the runner, layer by layer, on the build file.

raw -> staging -> core -> (planning) -> marts. What is in a model is said in its ``.sql`` file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from warehouse import runner
from warehouse.build_file import open_build

if TYPE_CHECKING:
    from settings import Settings


def core(settings: Settings) -> Mapping[str, Any]:
    """Staging views and core tables: rows of each table that was made anew."""
    return _build(settings, "staging", "core")


def marts(settings: Settings) -> Mapping[str, Any]:
    """Mart tables: rows of each table that was made anew."""
    return _build(settings, "marts")


def _build(settings: Settings, *layers: str) -> Mapping[str, Any]:
    with open_build(settings) as build:
        return runner.build(build, *layers)
