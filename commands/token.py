"""Tokens of the stores' APIs: made, listed and taken back, in the database of the store itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from commands.service import has_database
from connectors.errors import Misconfigured
from settings import SYSTEMS, load

if TYPE_CHECKING:
    import sqlalchemy as sa

T = TypeVar("T")


class _NoStore(Misconfigured):
    """There is no store yet whose tokens these would be."""


def add(name: str, *, system: str, scopes: str) -> str:
    """Make a token; it is given here and never again."""
    from stores.api.tokens import add_token

    return _in(system, lambda c: add_token(c, system, name=name, scopes=scopes, at=datetime.now(UTC)))


def tokens(*, system: str = "") -> list[dict[str, Any]]:
    """The tokens of a system, or of all whose store is a database; no hash among them."""
    from stores.api.tokens import list_tokens

    if system:
        return _in(system, partial(list_tokens, system=system))
    settings = load()
    rows: list[dict[str, Any]] = []
    for one in (one for one in SYSTEMS if has_database(settings, one)):
        with suppress(_NoStore):
            rows += _in(one, partial(list_tokens, system=one))
    return rows


def revoke(name: str, *, system: str) -> None:
    """Take a token back: the next request with it is refused."""
    from stores.api.tokens import revoke_token

    _in(system, lambda c: revoke_token(c, system, name=name, at=datetime.now(UTC)))


def _in(system: str, work: Callable[[sa.Connection], T]) -> T:
    from stores.api.store import Broken, Store
    from stores.refusals import Refusal

    if system not in SYSTEMS:
        raise Misconfigured(f"there is no system {system!r}; there are {', '.join(SYSTEMS)}")
    settings = load()
    if not has_database(settings, system):
        raise Misconfigured(
            f"TRIADA_{system.upper()}_URL is no database URL: tokens are made where the store's database is"
        )
    store = Store(system, settings.url(system))
    try:
        # A token of a store that a mistyped address made would open nothing.
        if not store.is_made():
            raise _NoStore(f"there is no store at {store.place}; ./triada seed or ./triada demo makes one")
        store.prepare()
        return store.write(work)
    except Refusal as refusal:
        raise Misconfigured(str(refusal)) from None
    except Broken as broken:
        raise Misconfigured(f"the token could not be written: {broken}; ask again") from None
    finally:
        store.close()
