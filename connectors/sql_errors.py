"""What a database's error means, said in one way for SQLite, PostgreSQL and MariaDB.

A driver's exception becomes a ``Fault``: the row's (a constraint by its name), to be tried again, or the
whole system's; ``system_error`` makes the last ``Unreachable`` or ``Refused``. Decides nothing about rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa

from connectors.errors import Refused, TriadaError, Unreachable
from connectors.sql_engine import place, secrets_in


class Fate(Enum):
    """What an error says about the work at hand."""

    FOREIGN_KEY = "foreign_key"
    UNIQUE = "unique"
    CHECK = "check"
    DATA = "data"
    AGAIN = "again"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


@dataclass(frozen=True)
class Fault:
    """An error's fate; ``constraint`` as the driver names it, on SQLite ``table.column, …`` when unique."""

    fate: Fate
    text: str
    constraint: str = ""


# A lock that stays taken is the system's trouble: the time-out has waited already. A deadlock is not.
_PG_EXACT = {
    "23503": Fate.FOREIGN_KEY,
    "23505": Fate.UNIQUE,
    "23514": Fate.CHECK,
    "40001": Fate.AGAIN,
    "40P01": Fate.AGAIN,
    "25P03": Fate.UNREACHABLE,
    "55P03": Fate.UNREACHABLE,
    "57014": Fate.UNREACHABLE,
}
_PG_CLASS = {"22": Fate.DATA, "23": Fate.DATA, "P0": Fate.DATA}
_PG_GONE = ("08", "53", "57", "58")
_PG_LOGIN = re.compile(
    r"authentication failed|no password supplied|does not exist|pg_hba|permission denied|not permitted"
)
_MARIADB = {
    **dict.fromkeys((1216, 1217, 1451, 1452), Fate.FOREIGN_KEY),
    **dict.fromkeys((1062, 1586), Fate.UNIQUE),
    4025: Fate.CHECK,
    **dict.fromkeys((1048, 1264, 1265, 1292, 1364, 1366, 1406, 1644, 3140), Fate.DATA),
    **dict.fromkeys((1020, 1213, 1412), Fate.AGAIN),
    **dict.fromkeys((1040, 1053, 1129, 1152, 1159, 1161, 1203, 1205, 1927, 1969), Fate.UNREACHABLE),
    **dict.fromkeys((2002, 2003, 2006, 2013, 2014, 2055), Fate.UNREACHABLE),
}
_SQLITE = {
    "SQLITE_CONSTRAINT_FOREIGNKEY": Fate.FOREIGN_KEY,
    "SQLITE_CONSTRAINT_UNIQUE": Fate.UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Fate.UNIQUE,
    "SQLITE_CONSTRAINT_CHECK": Fate.CHECK,
    "SQLITE_CONSTRAINT_NOTNULL": Fate.DATA,
    "SQLITE_CONSTRAINT_TRIGGER": Fate.DATA,
    "SQLITE_TOOBIG": Fate.DATA,
    "SQLITE_MISMATCH": Fate.DATA,
    "SQLITE_BUSY": Fate.UNREACHABLE,
    "SQLITE_BUSY_RECOVERY": Fate.UNREACHABLE,
    "SQLITE_BUSY_SNAPSHOT": Fate.AGAIN,
    "SQLITE_LOCKED": Fate.AGAIN,
}


def fault(error: sa.exc.SQLAlchemyError) -> Fault:
    """What the error means; what is not known is ``REFUSED``: it stops, and nothing is lost."""
    if isinstance(error, sa.exc.TimeoutError):
        return Fault(Fate.UNREACHABLE, "all its connections stayed busy")
    if not isinstance(error, sa.exc.DBAPIError) or error.orig is None:
        return Fault(Fate.REFUSED, _line(error))
    original: Any = error.orig
    if hasattr(original, "sqlite_errorname") or type(original).__module__ == "sqlite3":
        return _sqlite_fault(original)
    if hasattr(original, "pgcode"):
        return _postgresql_fault(original)
    return _mariadb_fault(original)


def system_error(system: str, url: sa.URL, problem: Fault) -> TriadaError:
    """The error that stops the whole write or read; without the address's secrets."""
    text = _discreet(problem.text, url)
    where = f"{system} ({place(url)})"
    if problem.fate in (Fate.UNREACHABLE, Fate.AGAIN):
        return Unreachable(f"{where} did not do it: {text}. Expected an answer; is it up and not overloaded?")
    return Refused(
        f"{where} refused: {text}. Expected the streams of docs/streams.md and an account that may use them; "
        f"check TRIADA_{system.upper()}_URL and the store behind it."
        if system.isidentifier()
        else f"{where} refused: {text}. Expected a database that can be read with this address; check it."
    )


@contextmanager
def translated(system: str, url: sa.URL) -> Iterator[None]:
    """Third-party errors end here; what is left of them, as causes, repeats no password of the address."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        hush(error, url)
        raise system_error(system, url, fault(error)) from error
    except TriadaError as error:
        hush(error.__cause__, url)
        raise


def hush(error: BaseException | None, url: sa.URL) -> None:
    """Take the address's secrets out of an error and its causes: a server may repeat what it refused."""
    while error is not None:
        error.args = tuple(_discreet(each, url) if isinstance(each, str) else each for each in error.args)
        error = error.__cause__ or error.__context__


def _discreet(text: str, url: sa.URL) -> str:
    for secret in secrets_in(url):
        text = text.replace(secret, "***")
    return text


def _postgresql_fault(error: Any) -> Fault:
    text, code = _line(error), error.pgcode
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None) or ""
    if code is None:
        return Fault(Fate.REFUSED if _PG_LOGIN.search(text) else Fate.UNREACHABLE, text)
    if code.startswith(_PG_GONE) and code not in _PG_EXACT:
        return Fault(Fate.UNREACHABLE, text)
    return Fault(_PG_EXACT.get(code) or _PG_CLASS.get(code[:2], Fate.REFUSED), text, constraint)


def _mariadb_fault(error: Any) -> Fault:
    code = error.args[0] if error.args else None
    text = str(error.args[1]).strip() if len(error.args) > 1 else _line(error)
    fate = _MARIADB.get(code, Fate.REFUSED) if isinstance(code, int) and code else Fate.UNREACHABLE
    if fate is Fate.UNIQUE:
        name = re.search(r"for key '(?:[^'.]*\.)?([^'.]+)'", text)
    else:
        name = re.search(r"CONSTRAINT `([^`]+)`", text)
    return Fault(fate, text, name.group(1) if name else "")


def _sqlite_fault(error: Any) -> Fault:
    text, name = _line(error), getattr(error, "sqlite_errorname", "")
    fate = _SQLITE.get(name) or (Fate.UNREACHABLE if name.startswith("SQLITE_IOERR") else Fate.REFUSED)
    constraint = text.partition("constraint failed: ")[2]
    return Fault(fate, text, constraint)


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
