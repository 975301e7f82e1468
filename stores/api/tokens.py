"""Tokens: made, listed, taken back and checked; a store keeps their SHA-256 alone.

A token is 256 random bits, so its hash needs no salt and no slow function: nobody can try them all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models import SYSTEMS
from stores.refusals import Refusal

ACTION_SCOPES = {"oa": ("oa:approve",), "crm": (), "erp": ("erp:pay",)}


@dataclass(frozen=True)
class Caller:
    """Who asks, and what its token allows."""

    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the token has the scope; the hub's own has all of its system."""
        return scope in self.scopes or f"{scope.partition(':')[0]}:hub" in self.scopes

    def is_hub(self, system: str) -> bool:
        return f"{system}:hub" in self.scopes


def known_scopes(system: str) -> tuple[str, ...]:
    """Every scope a token of the system can have."""
    return (f"{system}:read", f"{system}:write", f"{system}:hub", *ACTION_SCOPES[system])


def add_token(connection: sa.Connection, system: str, *, name: str, scopes: str, at: dt.datetime) -> str:
    """Make a token and give it, once; ``Refusal`` for a name that is taken or a scope that there is not."""
    wanted = list(dict.fromkeys(scopes.split()))
    unknown = [scope for scope in wanted if scope not in known_scopes(system)]
    if unknown or not wanted:
        raise Refusal(
            f"{', '.join(unknown) or 'no scope'} came for {system}; expected some of "
            f"{', '.join(known_scopes(system))}",
            rule="scope_is_known",
        )
    if not name or len(name) > 64 or not name.isprintable():
        raise Refusal("a token's name has 1 to 64 printable characters", rule="token_name")
    table = _table(system)
    if connection.execute(sa.select(table.c.name).where(table.c.name == name)).first():
        raise Refusal(
            f"{system} has a token {name!r} already; take another name, also when that one is revoked",
            rule="token_name_is_free",
        )
    token = f"triada_{system}_{secrets.token_urlsafe(32)}"
    connection.execute(
        table.insert().values(name=name, hash=digest(token), scopes=" ".join(wanted), made_at=at)
    )
    return token


def list_tokens(connection: sa.Connection, system: str) -> list[dict[str, Any]]:
    """The tokens of a system without their hashes, by name."""
    table = _table(system)
    query = sa.select(table.c.name, table.c.scopes, table.c.made_at, table.c.revoked_at).order_by(
        table.c.name
    )
    return [{"system": system, **row} for row in connection.execute(query).mappings()]


def revoke_token(connection: sa.Connection, system: str, *, name: str, at: dt.datetime) -> None:
    """Take a token back: from now on it is as good as none; ``Refusal`` when there is none that holds."""
    table = _table(system)
    done = connection.execute(
        table.update().where(table.c.name == name, table.c.revoked_at.is_(None)).values(revoked_at=at)
    )
    if not done.rowcount:
        raise Refusal(f"{system} has no token {name!r} that holds; list shows them", rule="record_exists")


def read_callers(connection: sa.Connection, system: str) -> dict[str, Caller]:
    """Who may come in: the hash of every token that holds, and whose it is."""
    table = _table(system)
    query = sa.select(table.c.name, table.c.hash, table.c.scopes).where(table.c.revoked_at.is_(None))
    return {row.hash: Caller(row.name, frozenset(row.scopes.split())) for row in connection.execute(query)}


def find_caller(callers: Mapping[str, Caller], given: str) -> Caller | None:
    """Whose token has this hash; every hash is compared in the same time, whichever fits."""
    found = None
    for kept, caller in callers.items():
        if hmac.compare_digest(kept, given):
            found = caller
    return found


def digest(token: str) -> str:
    """The token's SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _table(system: str) -> sa.Table:
    return SYSTEMS[system].tables["api_tokens"]
