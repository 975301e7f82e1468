"""The audit log says who did what and when, and no more."""

from __future__ import annotations

import pytest

from hub.state import State
from reports.access import audit
from tests.reports.access.conftest import NOW


def test_acts_come_newest_first_with_all_that_was_noted(state: State) -> None:
    audit.note(state, "sign_in", user_no=3, name="joe", address="192.0.2.1", at=NOW)
    audit.note(state, "export", user_no=3, name="joe", what="orders.xlsx, 120 rows", at=NOW)
    newest, oldest = audit.last(state)
    assert (newest["action"], newest["what"], newest["outcome"]) == (
        "export",
        "orders.xlsx, 120 rows",
        "done",
    )
    del oldest["id"]
    assert oldest == {
        "at": NOW, "user_no": 3, "sign_in_name": "joe", "action": "sign_in", "what": "",
        "address": "192.0.2.1", "outcome": "done",
    }  # fmt: skip
    assert [act["action"] for act in audit.last(state, 1)] == ["export"]


def test_a_name_that_nobody_has_is_kept_by_its_beginning(state: State) -> None:
    audit.note(state, "sign_in_failed", name="my password", outcome="wrong name or password")
    audit.note(state, "sign_in_failed", user_no=3, name="joe", outcome="wrong name or password")
    assert [act["sign_in_name"] for act in audit.last(state)] == ["joe", "my …"]


def test_what_is_noted_is_one_line_that_a_terminal_can_show(state: State) -> None:
    audit.note(state, "mail", user_no=3, name="joe", what="a\nb\x1b[31m\u202e" + "x" * 500)
    (act,) = audit.last(state)
    assert act["what"].startswith("a b [31m x") and len(act["what"]) == 200


def test_an_unknown_action_is_a_mistake_of_ours(state: State) -> None:
    with pytest.raises(ValueError, match="'signin' is no action"):
        audit.note(state, "signin")
