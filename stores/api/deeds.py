"""What an action of a store's API is: where it is, what it takes, which function of the store does it.

Only declarations (``deeds_oa``, ``deeds_crm``, ``deeds_erp``); ``actions`` reads the bodies and runs the
functions, ``openapi`` describes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Arguments = Mapping[str, Any]
Do = Callable[[sa.Connection, str, Arguments, dt.datetime], Any]


@dataclass(frozen=True)
class Field:
    """A field of an action's body, read as the column is; ``many``: a list of objects with these fields."""

    name: str
    column: Any = None
    required: bool = True
    many: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Action:
    """One action: on a record, or on the stream when ``on_record`` is false; ``makes`` names a table.

    ``do`` gets the connection, the record's key, the arguments and the instant; what it makes, its key.
    """

    stream: str
    name: str
    scope: str
    doc: str
    do: Do
    fields: tuple[Field, ...] = ()
    on_record: bool = True
    makes: str = ""
