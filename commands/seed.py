"""Seeding: the reference stores made and filled, through the stores' own seeder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from connectors.errors import Misconfigured
from settings import SYSTEMS, Settings, load


def open_stores(settings: Settings) -> dict[str, Any]:
    """Engines of the three stores; ``Misconfigured`` when one of them is no database."""
    from connectors.sql_engine import parse
    from stores.engines import open_stores as open_engines

    urls = {system: settings.url(system) for system in SYSTEMS}
    for system, url in urls.items():
        if "://" not in url or url.startswith(("http:", "https:")):
            raise Misconfigured(
                f"TRIADA_{system.upper()}_URL is no database URL; the seeded company needs a database for "
                "each of the three stores: unset it to use SQLite under TRIADA_HOME"
            )
        parse(system, url)  # what is wrong with it is told before any is made
    return open_engines(urls)


def seed_empty(settings: Settings, engines: dict[str, Any], *, as_of: dt.date) -> dict[str, int]:
    """Make and fill the stores when they are empty; rows by stream, nothing when they were filled."""
    from stores.engines import is_empty

    _create(engines)
    _refuse_half_a_company(engines)
    return _fill(settings, engines, scale=1, seed=7, as_of=as_of) if is_empty(engines) else {}


def seed(*, scale: int, seed: int, as_of: dt.date) -> dict[str, int]:
    """Make and fill the stores; refuses when there is something in them."""
    from stores.engines import is_empty

    settings = load()
    engines = open_stores(settings)
    _create(engines)
    _refuse_half_a_company(engines)
    if not is_empty(engines):
        raise Misconfigured(
            "the stores hold records already; seeding would mix two companies: set TRIADA_HOME (or the three "
            "TRIADA_…_URL) to an empty place"
        )
    return _fill(settings, engines, scale=scale, seed=seed, as_of=as_of)


def _create(engines: dict[str, Any]) -> None:
    """Make the stores; ``Unreachable`` or ``Refused``, before any is made, when one does not answer."""
    from connectors.sql_errors import translated
    from stores.engines import create_stores

    for system, engine in engines.items():
        if engine.url.get_backend_name() != "sqlite":  # a file is made with its tables
            with translated(system, engine.url), engine.connect():
                pass
    create_stores(engines)


def _refuse_half_a_company(engines: dict[str, Any]) -> None:
    from stores.seed.mark import was_interrupted

    if was_interrupted(engines):
        raise Misconfigured(
            "seeding was interrupted, so the stores hold a part of a company: empty the stores (delete the "
            "files under TRIADA_HOME/stores, or drop the tables) and seed again"
        )


def _fill(
    settings: Settings, engines: dict[str, Any], *, scale: int, seed: int, as_of: dt.date
) -> dict[str, int]:
    from stores.seed import mark, write_inbox
    from stores.seed import seed as fill

    mark.start(engines)
    counts = fill(engines, scale=scale, seed=seed, as_of=as_of)
    write_inbox(Path(settings.url("files")), as_of)
    mark.complete(engines)
    return dict(counts)
