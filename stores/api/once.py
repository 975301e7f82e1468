"""An Idempotency-Key makes a request that is sent again harmless: the first one's answer is given once more.

The key's row is written in the transaction of the work itself, so of two at once one waits for the other and
then finds its answer; what was refused leaves no row and may be tried again. Kept for a day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from connectors.sql_errors import Fate
from stores.api.ask import Answer, Ask
from stores.api.problems import FieldError, Problem, one_invalid
from stores.api.store import TRIES, Broken
from stores.api.values import encode

KEPT = dt.timedelta(days=1)
HEADER = "Idempotency-Key"


def once(ask: Ask, work: Callable[[sa.Connection], Answer], *, numbered: bool) -> Answer:
    """Do the work in one transaction, at most once a key; ``numbered``: another may take its number first."""
    key = _key(ask)
    for tried in range(TRIES):
        if key and (before := _before(ask, key)):
            return before
        try:
            return ask.store.write(lambda connection: _work(ask, connection, work, key))
        except Broken as error:
            again = error.fault.fate is Fate.UNIQUE and (numbered or (key and _before(ask, key)))
            if not again or tried == TRIES - 1:
                raise
    raise AssertionError("the last try returned or raised")


def _work(ask: Ask, connection: sa.Connection, work: Callable[[sa.Connection], Answer], key: str) -> Answer:
    table, now = _table(ask), ask.store.now()
    if not key:
        return work(connection)
    connection.execute(table.delete().where(table.c.asked_at < now - KEPT))
    connection.execute(
        table.insert().values(
            token_name=ask.caller.name, key=key, body_hash=_print(ask), status=0, answer="", asked_at=now
        )
    )
    answer = work(connection)
    kept = json.dumps({"headers": dict(answer.headers), "body": encode(answer.body).decode()})
    mine = (table.c.token_name == ask.caller.name, table.c.key == key)
    connection.execute(table.update().where(*mine).values(status=answer.status, answer=kept))
    return answer


def _before(ask: Ask, key: str) -> Answer | None:
    table = _table(ask)
    query = sa.select(table).where(
        table.c.token_name == ask.caller.name, table.c.key == key, table.c.asked_at >= ask.store.now() - KEPT
    )
    with ask.store.reading() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if row["body_hash"] != _print(ask):
        raise Problem(
            409,
            f"the {HEADER} was used for another request within a day; take a new key for a new request",
            errors=[
                FieldError(HEADER, "was used with another method, path, query or body", "idempotency_key")
            ],
        )
    kept = json.loads(row["answer"])
    headers = {**kept["headers"], "Idempotency-Replayed": "true"}
    return Answer(kept["body"].encode(), row["status"], headers)


def _key(ask: Ask) -> str:
    given: str = ask.headers.get(HEADER.lower(), "")
    if not given:
        return ""
    if len(given) > 255 or not given.isascii() or not given.isprintable():
        raise one_invalid(HEADER, "expected up to 255 printable ASCII characters", rule="idempotency_key")
    return given if len(given) <= 64 else hashlib.sha256(given.encode()).hexdigest()


def _print(ask: Ask) -> str:
    # The whole path: approve and cancel of one record have the same parameters and often the same body.
    asked = [ask.method, ask.url_path, ask.query, ask.json() if ask.body else {}]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _table(ask: Ask) -> Any:
    return ask.store.metadata.tables["api_requests"]
