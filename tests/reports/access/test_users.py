"""Users have one name each, however it is typed, and are who the OA says they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.errors import Misconfigured
from hub.state import State
from reports.access import users
from reports.access.users import Person, viewer_of
from reports.access.viewer import Viewer
from tests.reports.access.conftest import NOW

PEOPLE = {"E-0007": Person("Joe Marín", "sales"), "E-0099": Person("Odd", "emperor")}.get


def test_a_name_is_found_however_it_is_typed(state: State) -> None:
    added = users.add(state, "José.Marín", now=NOW, role="sales")
    for typed in ("josé.marín", " JOSÉ.MARÍN ", "jose\u0301.mari\u0301n", "ＪＯＳÉ.marín"):
        assert users.find(state, typed) == added
    assert users.find(state, "jose.marin") is None
    assert users.by_number(state, added.user_no) == added


def test_a_name_is_given_once(state: State) -> None:
    users.add(state, "joe", now=NOW, role="sales")
    with pytest.raises(Misconfigured, match="there is a user joe already"):
        users.add(state, "JOE", now=NOW, role="hr")
    assert [user.role for user in users.everybody(state)] == ["sales"]


@pytest.mark.parametrize("name", ["", " ", "two words", "a/b", "x" * 101, "<b>", "a\nb"])
def test_what_is_no_name_is_refused(state: State, name: str) -> None:
    with pytest.raises(Misconfigured, match="no sign-in name"):
        users.add(state, name, now=NOW, role="sales")


def test_name_and_role_are_the_oas_and_an_outsiders_what_was_given(state: State) -> None:
    joe = users.add(state, "joe", now=NOW, employee_no="E-0007", role="executive", locale="es")
    given = Viewer("Joe Marín", "sales", employee_no="E-0007", user_no=joe.user_no, locale="es")
    assert viewer_of(joe, PEOPLE) == given
    outsider = users.add(state, "auditor", now=NOW, role="finance")
    assert viewer_of(outsider, PEOPLE) == Viewer("auditor", "finance", user_no=outsider.user_no)


def test_who_is_disabled_gone_or_of_no_known_role_is_nobody(state: State) -> None:
    joe = users.add(state, "joe", now=NOW, employee_no="E-0007")
    for nobody in (
        replace(joe, is_disabled=True),
        replace(joe, employee_no="E-0001", role="executive"),
        replace(joe, employee_no="E-0099"),
        replace(joe, employee_no=None),
        replace(joe, employee_no=None, role="emperor"),
    ):
        assert viewer_of(nobody, PEOPLE) is None
