"""One record at a time: created, put and deleted, under its rules, its owners and its version.

A draft → one transaction that locks the record, checks ``If-Match``, owners and references, and writes only
what differs. Many records at once are ``batch``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from connectors.protocol import LINES
from connectors.sql_values import canonical
from stores.api.ask import Answer, Ask
from stores.api.constraints import reference_errors, refused
from stores.api.documents import dump_document, etag, etags, read_document
from stores.api.draft import Draft, read_draft
from stores.api.fresh import complete, next_number
from stores.api.lines import write_lines
from stores.api.once import once
from stores.api.owners import delete_errors, lines_errors, owner_errors
from stores.api.problems import FieldError, Problem, invalid, no_record, one_invalid
from stores.api.rules import rule_errors
from stores.api.store import Broken, Stream
from stores.api.values import Row


def put(ask: Ask) -> Answer:
    """Bring one record to the state given, whole or in part; what it says already is left alone."""
    stream, key = ask.stream, _path_key(ask)
    body = ask.json()
    named = body.get(stream.key.name, key)
    if named != key:
        raise one_invalid(stream.key.name, f"is {key!r} in the path; a key never changes", rule="key_stays")
    draft = read_draft(stream, {**body, stream.key.name: key})
    try:
        answer = ask.store.write(lambda connection: _put(ask, connection, stream, draft))
    except Broken as error:
        raise refused(stream, error.fault, draft.values) from None
    ask.store.handle(stream.table.name)
    return answer


def post(ask: Ask) -> Answer:
    """Create one record; with an Idempotency-Key, once however often it is sent."""
    stream, body = ask.stream, ask.json()
    draft = read_draft(stream, body)
    if draft.values.get(stream.key.name) == "":
        raise one_invalid(
            stream.key.name, "is empty; leave it out or give a key", rule=f"missing:{stream.key.name}"
        )
    numbered = stream.key.name not in draft.values
    try:
        answer = once(ask, lambda connection: _post(ask, connection, stream, draft), numbered=numbered)
    except Broken as error:
        raise refused(stream, error.fault, draft.values) from None
    ask.store.handle(stream.table.name)
    return answer


def delete(ask: Ask) -> Answer:
    """Delete one record and its lines; its tombstone tells those who read changes."""
    stream, key = ask.stream, _path_key(ask)
    if not ask.caller.is_hub(ask.store.system) and (errors := delete_errors(stream)):
        raise invalid(*errors)

    def gone(connection: sa.Connection) -> None:
        there = read_document(connection, stream, key, lock=True)
        if there is None:
            raise no_record(stream.table.name, key)
        _check_version(ask, stream, there)
        if stream.lines is not None:
            connection.execute(stream.lines.delete().where(stream.lines.c[stream.key.name] == key))
        connection.execute(stream.table.delete().where(stream.key == key))

    try:
        ask.store.write(gone)
    except Broken as error:
        raise refused(stream, error.fault, {}) from None
    return Answer(None, 204)


def _put(ask: Ask, connection: sa.Connection, stream: Stream, draft: Draft) -> Answer:
    key = draft.values[stream.key.name]
    there = read_document(connection, stream, key, lock=True)
    _check_version(ask, stream, there)
    if there is None:
        _insert(ask, connection, stream, draft)
    else:
        _update(ask, connection, stream, draft, there=there)
    return answer_with(ask, connection, stream, key, status=200 if there else 201)


def _post(ask: Ask, connection: sa.Connection, stream: Stream, draft: Draft) -> Answer:
    name = stream.key.name
    given = draft.values.get(name)
    key = given or next_number(connection, stream, ask.store.now())
    # A number that somebody took meanwhile is met by the insert, and the next one is tried.
    if given and read_document(connection, stream, key) is not None:
        raise Problem(
            409,
            f"{stream.table.name} has a record {key!r} already; PUT changes it",
            errors=[FieldError(name, f"{key!r} is taken", f"unique:{name}")],
        )
    _insert(ask, connection, stream, Draft({**draft.values, name: key}, draft.lines))
    return answer_with(ask, connection, stream, key, status=201)


def _insert(ask: Ask, connection: sa.Connection, stream: Stream, draft: Draft) -> None:
    values = complete(ask.store, stream, draft.values, at=ask.store.now())
    _check(ask, connection, stream, values, changed=values, new=True, lines=draft.lines is not None)
    connection.execute(stream.table.insert().values(**values))
    if draft.lines is not None:
        write_lines(connection, stream, draft.lines, key=values[stream.key.name], there=())


def _update(ask: Ask, connection: sa.Connection, stream: Stream, draft: Draft, *, there: Row) -> None:
    changed = {name: value for name, value in draft.values.items() if there[name] != value}
    whole = {**there, **draft.values}
    _check(ask, connection, stream, whole, changed=changed, new=False, lines=False)
    key = there[stream.key.name]
    if changed:
        connection.execute(stream.table.update().where(stream.key == key).values(**changed))
    if draft.lines is not None:
        wrote = write_lines(connection, stream, draft.lines, key=key, there=there.get(LINES, ()))
        if wrote and not ask.caller.is_hub(ask.store.system) and (errors := lines_errors(stream)):
            raise invalid(*errors)


def _check(
    ask: Ask,
    connection: sa.Connection,
    stream: Stream,
    whole: Row,
    *,
    changed: Mapping[str, Any],
    new: bool,
    lines: bool,
) -> None:
    """All that keeps the record from being written, told at once."""
    errors = reference_errors(connection, stream.table, [dict(changed)])
    if not ask.caller.is_hub(ask.store.system):
        names = [name for name in changed if name != stream.key.name]
        errors += owner_errors(stream, names, whole, new=new) + (lines_errors(stream) if lines else [])
        errors += rule_errors(connection, stream, whole, said=stream.table.c.keys() if new else names)
    if errors:
        raise invalid(*errors)


def _check_version(ask: Ask, stream: Stream, there: Row | None) -> None:
    wanted, unwanted = (etags(ask.headers.get(name, "")) for name in ("if-match", "if-none-match"))
    tag = etag(stream, there) if there is not None else ""
    if wanted and (there is None or ("*" not in wanted and tag not in wanted)):
        raise Problem(412, "the record changed, or is not there; read it again and decide anew")
    if unwanted and there is not None and ("*" in unwanted or tag in unwanted):
        raise Problem(412, "the record is there already")


def answer_with(ask: Ask, connection: sa.Connection, stream: Stream, key: str, *, status: int) -> Answer:
    """The record as it is now, with its version; who may only write gets its key alone."""
    document = read_document(connection, stream, key)
    assert document is not None
    headers = {"ETag": etag(stream, document)}
    if status == 201:
        headers["Location"] = f"/{stream.table.name}/{quote(key, safe='')}"
    # Who may only write learns nothing of what else the record says.
    readable = ask.caller.may(f"{ask.store.system}:read")
    return Answer(dump_document(stream, document) if readable else {stream.key.name: key}, status, headers)


def _path_key(ask: Ask) -> str:
    key = ask.path["key"]
    try:
        canonical(ask.stream.key, key)
    except ValueError as error:
        raise one_invalid(ask.stream.key.name, str(error), rule=f"value:{ask.stream.key.name}") from None
    if not key:
        raise no_record(ask.stream.table.name, key)
    return key
