"""Users of the reports: added, given a password, kept out and let in again, in the hub's own database.

A name and what an administrator says come in; a row changes, whoever was signed in is no longer where that
must be, and the audit log says who did it. Passwords are never shown and never among a command's arguments.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.errors import Misconfigured
from hub.interventions import act_of
from hub.state import State, open_state
from reports.access import audit, users
from reports.access.passwords import Passwords, check_good
from reports.access.people import PublishedPeople
from reports.access.users import Person, User
from reports.access.viewer import ROLES
from reports.reader import Reader
from settings import Settings, load

SHOWN = ("user_no", "sign_in_name", "employee_no", "name", "role", "locale", "state", "created_at",
         "password_changed_at")  # fmt: skip


def check_new(name: str, *, employee: str, role: str, locale: str) -> None:
    """``Misconfigured`` when there could be no such user: said before a password is asked for."""
    ours = load()
    Reader.of(locale, timezone=ours.timezone, currency=ours.currency)
    if bool(employee) == bool(role):
        raise Misconfigured(
            f"user {name}: expected either --employee (the OA says name and role) or --role "
            "(somebody the OA does not have, such as an outside accountant)"
        )
    if role and role not in ROLES:
        near = difflib.get_close_matches(role, ROLES, n=1)
        raise Misconfigured(
            f"there is no role {role!r}; there are {', '.join(ROLES)}{f'; {near[0]}?' if near else ''}"
        )
    if employee:
        _check_employee(employee, people(ours).everybody())
    with _state() as state:
        if users.find(state, name):
            raise Misconfigured(f"there is a user {users.normal(name)} already; see ./triada user list")


def add(name: str, *, employee: str, role: str, locale: str, password: str | None) -> str:
    """A new user; its sign-in name. Without a password it can only use the company's own sign-in."""
    check_new(name, employee=employee, role=role, locale=locale)
    if password is not None:
        check_good(password, name)
    with _state() as state:
        user = users.add(
            state, name, now=datetime.now(UTC), employee_no=employee or None, role=role or None,
            password_hash=None if password is None else _passwords().hash(password), locale=locale,
        )  # fmt: skip
        _note(state, "user_added", user)
    return user.sign_in_name


def set_password(name: str, password: str) -> None:
    """Another password; the user's sessions end."""
    check_good(password, name)
    with _state() as state:
        user = _find(state, name)
        users.set_password(state, user, _passwords().hash(password), now=datetime.now(UTC))
        _note(state, "user_password", user)


def set_disabled(name: str, disabled: bool) -> None:
    """Keep a user out, or let it in again."""
    with _state() as state:
        user = _find(state, name)
        users.set_disabled(state, user, disabled)
        _note(state, "user_disabled" if disabled else "user_enabled", user)


def check_there(name: str) -> None:
    """``Misconfigured`` names near ones when there is no such user."""
    with _state() as state:
        _find(state, name)


def listed() -> list[dict[str, Any]]:
    """All users as ``SHOWN``; ``state`` says why somebody cannot sign in. No hash is among it."""
    ours = load()
    known = people(ours).everybody() if ours.published_file.exists() else None
    with _state() as state:
        return [_row(user, known) for user in users.everybody(state)]


def last_acts(limit: int) -> list[dict[str, Any]]:
    """The audit log's last acts, newest first."""
    with _state() as state:
        return audit.last(state, limit)


def people(settings: Settings) -> PublishedPeople:
    """Who works here, as published."""
    return PublishedPeople(settings.published_file, settings.timezone)


def _row(user: User, known: Mapping[str, Person] | None) -> dict[str, Any]:
    person = (known or {}).get(user.employee_no or "")
    state = "active"
    if user.is_disabled:
        state = "disabled"
    elif user.employee_no and known is None:
        state = "nothing is published yet"
    elif user.employee_no and person is None:
        state = "not in the OA, or has left"
    row = {
        "user_no": user.user_no, "sign_in_name": user.sign_in_name, "employee_no": user.employee_no,
        "name": person.name if person else None, "role": person.role if person else user.role,
        "locale": user.locale, "state": state, "created_at": user.created_at,
        "password_changed_at": user.password_changed_at,
    }  # fmt: skip
    return {name: row[name] for name in SHOWN}


def _check_employee(number: str, known: Mapping[str, Person]) -> None:
    if number in known:
        return
    spoken = {f"{no} ({person.name}, {person.role})": (no, person.name) for no, person in known.items()}
    wanted = number.casefold()
    near = [line for line, (_, name) in spoken.items() if wanted in name.casefold()][:3]
    close = difflib.get_close_matches(number.upper(), list(known), n=3, cutoff=0.7)
    near += [line for line, (no, _) in spoken.items() if no in close and line not in near]
    told = f"; near: {', '.join(near[:4])}" if near else ""
    raise Misconfigured(f"nobody works here as {number!r}, as the published warehouse has it{told}")


def _find(state: State, name: str) -> User:
    found = users.find(state, name)
    if found is None:
        names = [user.sign_in_name for user in users.everybody(state)]
        near = difflib.get_close_matches(users.normal(name), names, n=3)
        told = f"; near: {', '.join(near)}" if near else "; see ./triada user list"
        raise Misconfigured(f"there is no user {name!r}{told}")
    return found


def _note(state: State, action: str, user: User) -> None:
    by = act_of("user", by="", why="").by
    audit.note(state, action, user_no=user.user_no, name=user.sign_in_name, what=f"by {by}, with a command")


def _passwords() -> Passwords:
    return Passwords(load().password_memory_kib)


@contextmanager
def _state() -> Iterator[State]:
    state = open_state(load().url("state"))
    try:
        yield state
    finally:
        state.close()
