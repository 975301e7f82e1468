"""Who may change what: a field has one owner, and a decision is made by its action, not by an edit.

Asked for every token but the hub's own, which carries the owners' values. Knows nothing of what is valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stores.api.problems import FieldError
from stores.api.store import Stream

NAMES = {"oa": "the OA", "crm": "the CRM", "erp": "the ERP", "hub": "the hub"}
# Whoever may write requests would otherwise approve them by an edit, past the policies.
DECIDED: Mapping[str, Mapping[str, Any]] = {
    "oa.approval_requests": {"status": "requested", "decided_at": None},
    "oa.approval_steps": {"decision": "pending", "decided_at": None, "acting_no": None, "approver_no": None},
}
ACTIONS = "POST /approval_requests/{request_no}/approve, /refuse or /cancel decides it"


def owner_errors(
    stream: Stream, changed: Iterable[str], values: Mapping[str, Any], *, new: bool
) -> list[FieldError]:
    """The changed columns that another system owns, or that an action decides."""
    errors = []
    decided = DECIDED.get(stream.name, {})
    for name in changed:
        owner = stream.table.c[name].info.get("owner", "")
        if owner and not (new and values[name] is None):
            errors.append(
                FieldError(name, f"{name} is {NAMES[owner]}'s; change it there", f"owned_by:{owner}")
            )
        elif name in decided and not (new and values[name] == decided[name]):
            errors.append(
                FieldError(name, f"{name} is decided, not edited: {ACTIONS}", f"decided_by_action:{name}")
            )
    return errors


def lines_errors(stream: Stream) -> list[FieldError]:
    """Whether the lines of a document are decided elsewhere."""
    if stream.lines is not None and stream.lines.name == "approval_steps":
        return [
            FieldError(
                "lines", f"steps are opened and decided, not edited: {ACTIONS}", "decided_by_action:lines"
            )
        ]
    return []


def delete_errors(stream: Stream) -> list[FieldError]:
    """Whether records of the stream are another system's, all their columns but the key."""
    owners = {
        column.info.get("owner", "")
        for column in stream.table.c
        if column.name not in (stream.key.name, "updated_at")
    }
    if len(owners) == 1 and (owner := owners.pop()):
        return [
            FieldError(
                stream.key.name, f"the record is {NAMES[owner]}'s; delete it there", f"owned_by:{owner}"
            )
        ]
    if stream.name in DECIDED:
        return [
            FieldError(stream.key.name, f"what was asked stays on record: {ACTIONS}", "decided_by_action")
        ]
    return []
