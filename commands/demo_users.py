"""Users of the seeded company, one a role, so that the demo's reports can be looked at as each of them.

The published warehouse's people come in; rows of users and one password in a file that its owner alone may
read go out. It adds nobody where there is a user already.
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from commands.user import people
from hub.state import open_state
from reports.access import audit, users
from reports.access.passwords import Passwords
from reports.access.users import Person, normal
from reports.access.viewer import ROLES
from settings import Settings

STORY = {"sales": "Joe", "sales_manager": "Ben", "finance": "Anna", "hr": "Fanny"}
"""Whom the demo's story is about, by role."""


def password_file(settings: Settings) -> Path:
    """Holds the password of the demo's users."""
    return settings.home.resolve() / "access" / "reports-password"


def demo_users(settings: Settings) -> list[dict[str, str]]:
    """Add them where there are no users: ``sign_in_name``, ``name``, ``role``, ``employee_no`` of each.

    Empty when there are users. ``Refused`` when no warehouse is published.
    """
    state = open_state(settings.url("state"))
    try:
        if users.everybody(state):
            return []
        chosen = choose(people(settings).everybody())
        password = secrets.token_urlsafe(12)
        _keep(password_file(settings), password)
        kept = Passwords(settings.password_memory_kib).hash(password)
        added = []
        for name, (number, person) in chosen.items():
            user = users.add(state, name, now=datetime.now(UTC), employee_no=number, password_hash=kept)
            audit.note(state, "user_added", user_no=user.user_no, name=name, what="by the demo")
            added.append(
                {"sign_in_name": name, "name": person.name, "role": person.role, "employee_no": number}
            )
        return added
    finally:
        state.close()


def choose(known: Mapping[str, Person]) -> dict[str, tuple[str, Person]]:
    """One of each role by sign-in name: the story's people, else the first by number."""
    chosen: dict[str, tuple[str, Person]] = {}
    for role in ROLES:
        of_role = [(number, person) for number, person in sorted(known.items()) if person.role == role]
        told = [each for each in of_role if _first(each[1]) == STORY.get(role)]
        for number, person in (told or of_role)[:1]:
            name = _plain(_first(person))
            if name in chosen:  # two of one first name
                name = _plain(f"{name}.{number}")
            chosen[name] = (number, person)
    return chosen


def _first(person: Person) -> str:
    return person.name.split()[0]


def _plain(name: str) -> str:
    """A sign-in name for any keyboard: small letters without accents."""
    return normal(unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode())


def _keep(path: Path, password: str) -> None:
    """The password in a file of mode 600 from the start, whatever was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
