"""The stores' decisions as paths: ``POST /approval_requests/{no}/approve`` and the like.

A declaration of ``deeds`` says what an action takes and which function of the store it is; here its body is
read by the models' columns, the function runs in one transaction, and its refusal becomes a problem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stores.api.ask import Answer, Ask
from stores.api.constraints import refused
from stores.api.deeds import Action, Field
from stores.api.documents import read_document
from stores.api.draft import shown
from stores.api.edits import answer_with
from stores.api.once import once
from stores.api.problems import FieldError, Problem, invalid, no_record
from stores.api.store import Broken
from stores.api.values import Row, parse
from stores.refusals import Refusal

# Somebody else may do this; this person may not.
NOT_YOURS = frozenset(
    {"never_ones_own", "approver_or_substitute", "substitute_while_away", "own", "by_finance"}
)
# What was sent is wrong, whatever the record's state.
WRONG = frozenset(
    {
        "record_exists", "has_lines", "line_makes_sense", "product_is_active", "price_in_currency",
        "stage_is_known", "won_by_an_account", "same_account", "amount_is_positive", "ends_after_start",
        "requester_works_here", "amount_is_owed",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Act:
    """The handler of one action."""

    action: Action

    def __call__(self, ask: Ask) -> Answer:
        action, key = self.action, ask.path.get("key", "")
        stream = ask.store.find(action.stream)
        arguments = _arguments(action.fields, ask.json() if ask.body else {})
        try:
            answer = once(ask, lambda connection: self._act(ask, connection, key, arguments), numbered=True)
        except Broken as error:
            raise refused(stream, error.fault, {}) from None
        ask.store.handle(action.stream)
        return answer

    def _act(self, ask: Ask, connection: sa.Connection, key: str, arguments: Row) -> Answer:
        action = self.action
        stream = ask.store.find(action.stream)
        if action.on_record and read_document(connection, stream, key) is None:
            raise no_record(action.stream, key)
        try:
            made = action.do(connection, key, arguments, ask.store.now())
        except Refusal as refusal:
            raise _problem(refusal) from None
        if not action.makes:
            return answer_with(ask, connection, stream, key, status=200)
        return answer_with(ask, connection, ask.store.find(action.makes), str(made), status=201)


def _arguments(fields: Sequence[Field], body: Mapping[str, Any], at: str = "") -> Row:
    errors: list[FieldError] = []
    arguments = _read(fields, body, at, errors)
    if errors:
        raise invalid(*errors)
    return arguments


def _read(fields: Sequence[Field], body: Mapping[str, Any], at: str, errors: list[FieldError]) -> Row:
    known = {field.name: field for field in fields}
    values: Row = {}
    for name in body:
        if name not in known:
            expected = ", ".join(known) or "no field"
            errors.append(FieldError(f"{at}{name[:60]}", f"expected only {expected}", "unknown_field"))
    for name, field in known.items():
        came = body.get(name)
        if came is None:
            if field.required:
                errors.append(FieldError(f"{at}{name}", "is missing", f"missing:{name}"))
        elif field.many:
            values[name] = _read_many(field, came, f"{at}{name}", errors)
        else:
            try:
                values[name] = parse(field.column, came)
            except ValueError as error:
                errors.append(FieldError(f"{at}{name}", f"came as {shown(came)}: {error}", f"value:{name}"))
    return values


def _read_many(field: Field, came: Any, at: str, errors: list[FieldError]) -> list[Row]:
    if not isinstance(came, list) or not all(isinstance(one, dict) for one in came):
        errors.append(FieldError(at, "expected a list of objects", f"value:{field.name}"))
        return []
    return [_read(field.many, one, f"{at}[{number}].", errors) for number, one in enumerate(came)]


def _problem(refusal: Refusal) -> Problem:
    status = 403 if refusal.rule in NOT_YOURS else 422 if refusal.rule in WRONG else 409
    return Problem(status, str(refusal), errors=[FieldError("", str(refusal), refusal.rule)])
