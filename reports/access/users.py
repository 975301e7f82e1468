"""Users: rows of the hub's database, and the viewer each of them is.

A sign-in name comes in, a ``User`` goes out; name and role come from the OA through the published warehouse
at each request, so that who changes post sees other pages from the next publication on, and who left sees
none. It checks no password.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from connectors.errors import Misconfigured
from hub.state import State
from models.access import sessions, users
from reports.access.viewer import ROLES, Viewer

NAME = re.compile(r"[\w.@+-]{1,100}")


class Person(NamedTuple):
    """Somebody the OA has now: the name people know, and one of ``ROLES``."""

    name: str
    role: str


People = Callable[[str], "tuple[str, str] | None"]
"""``employee_no`` → name and role of somebody who works here today; ``None`` for all others."""


@dataclass(frozen=True)
class User:
    """A row of ``report_users``."""

    user_no: int
    sign_in_name: str
    employee_no: str | None
    role: str | None
    locale: str
    is_disabled: bool
    created_at: dt.datetime
    password_changed_at: dt.datetime | None
    password_hash: str | None = field(default=None, repr=False)


def viewer_of(user: User, people: People) -> Viewer | None:
    """Who looks when this user is signed in; ``None`` when disabled, gone, or unknown to the OA."""
    if user.is_disabled:
        return None
    if user.employee_no is not None:
        person = people(user.employee_no)
        if person is None or person[1] not in ROLES:
            return None
        name, role = person
    elif user.role in ROLES:
        name, role = user.sign_in_name, user.role
    else:
        return None
    return Viewer(
        name=name, role=role, employee_no=user.employee_no, user_no=user.user_no, locale=user.locale
    )


def normal(name: str) -> str:
    """A sign-in name as it is kept: the same however it is typed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def find(state: State, name: str) -> User | None:
    """The user of a sign-in name, in capitals or not."""
    return _one(state, users.c.sign_in_name == normal(name))


def by_number(state: State, user_no: int) -> User | None:
    """The user of a number."""
    return _one(state, users.c.user_no == user_no)


def everybody(state: State) -> list[User]:
    """All users by sign-in name."""
    with state.reading() as connection:
        rows = connection.execute(sa.select(users).order_by(users.c.sign_in_name)).mappings()
        return [User(**row) for row in rows]


def add(
    state: State,
    name: str,
    *,
    now: dt.datetime,
    employee_no: str | None = None,
    role: str | None = None,
    password_hash: str | None = None,
    locale: str = "en",
) -> User:
    """A new user; ``Misconfigured`` when the name is no name or somebody has it."""
    kept = normal(name)
    if not NAME.fullmatch(kept):
        raise Misconfigured(
            f"{name!r} is no sign-in name; expected letters, digits and . @ + - _, up to 100 of them"
        )
    row: dict[str, Any] = {
        "sign_in_name": kept, "employee_no": employee_no, "role": role, "password_hash": password_hash,
        "locale": locale, "is_disabled": False, "created_at": now,
        "password_changed_at": now if password_hash else None,
    }  # fmt: skip
    if find(state, kept) is None:
        with state.writing() as connection:
            found = connection.execute(sa.select(users.c.user_no).where(users.c.sign_in_name == kept))
            if found.scalar_one_or_none() is None:
                (number,) = connection.execute(sa.insert(users).values(**row)).inserted_primary_key or (0,)
                return User(user_no=number, **row)
    raise Misconfigured(f"there is a user {kept} already; ./triada user password {kept} sets its password")


def set_password(state: State, user: User, password_hash: str, *, now: dt.datetime) -> None:
    """Another password; whoever is signed in as this user is no longer."""
    _change(state, user, ends=True, password_hash=password_hash, password_changed_at=now)


def renew_hash(state: State, user: User, password_hash: str) -> None:
    """The same password hashed at today's cost."""
    _change(state, user, ends=False, password_hash=password_hash)


def set_disabled(state: State, user: User, disabled: bool) -> None:
    """Keep a user out, or let it in again; kept out, its sessions end."""
    _change(state, user, ends=disabled, is_disabled=disabled)


def _change(state: State, user: User, *, ends: bool, **values: object) -> None:
    with state.writing() as connection:
        connection.execute(sa.update(users).where(users.c.user_no == user.user_no).values(**values))
        if ends:
            connection.execute(sa.delete(sessions).where(sessions.c.user_no == user.user_no))


def _one(state: State, where: sa.ColumnElement[bool]) -> User | None:
    with state.reading() as connection:
        row = connection.execute(sa.select(users).where(where)).mappings().one_or_none()
        return None if row is None else User(**row)
