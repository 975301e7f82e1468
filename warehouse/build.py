"""Makes core and marts from raw: the runner, layer by layer, on the build file.

raw -> staging -> core -> (planning) -> marts. What is in a model is said in its ``.sql`` file.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from warehouse import runner
from warehouse.build_file import open_build

if TYPE_CHECKING:
    from settings import Settings


def core(settings: Settings, *, full: bool = False, only: Collection[str] = ()) -> list[runner.Made]:
    """Staging views and core tables: what became of each table."""
    with open_build(settings) as build:
        return runner.build(build, "core", full=full, only=only)


def marts(settings: Settings, *, full: bool = False, only: Collection[str] = ()) -> list[runner.Made]:
    """Mart tables: what became of each table."""
    with open_build(settings) as build:
        return runner.build(build, "marts", full=full, only=only)
