"""Column types that are exact on SQLite, PostgreSQL and MariaDB alike, and the one way to write a column.

SQLAlchemy's ``Numeric`` goes through float on SQLite, and SQLite has no instant: both get a type of
their own here. Money and quantities are ``Decimal``; instants are aware UTC; dates are dates.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

DIGITS, SCALE = 18, 4


class Exact(TypeDecorator[Decimal]):
    """A ``Decimal`` of 18 digits, ``scale`` of them after the point: NUMERIC on a server, its text on SQLite.

    Raises ``ValueError`` for what it cannot hold exactly (more digits, NaN, a float): never rounds.
    """

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, scale: int = SCALE) -> None:
        super().__init__(DIGITS, scale)
        self.scale = scale
        self._quantum = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(DIGITS + 2))
        return dialect.type_descriptor(sa.Numeric(DIGITS, self.scale))

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        exact = exact_decimal(value, self.scale)
        return f"{exact:.{self.scale}f}" if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, _dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).quantize(self._quantum)


def exact_decimal(value: Any, scale: int = SCALE) -> Decimal:
    """``value`` as a Decimal of that scale; ``ValueError`` when that would change it."""
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a float; money and quantities are Decimal")
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** (DIGITS - scale):
        raise ValueError(f"{value!r} does not fit {DIGITS} digits with {scale} after the point")
    quantized = exact.quantize(Decimal(1).scaleb(-scale))
    if quantized != exact:
        raise ValueError(f"{value!r} has more than {scale} digits after the point")
    return quantized


class Instant(TypeDecorator[dt.datetime]):
    """An aware UTC instant with microseconds: TIMESTAMPTZ, DATETIME(6), or fixed-width text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; instants are aware UTC")
        utc = value.astimezone(dt.UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, _dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


class now_utc(FunctionElement[dt.datetime]):
    """The database's own clock, in UTC, as ``Instant`` stores it."""

    inherit_cache = True


@compiles(now_utc, "sqlite")
def _now_sqlite(_element: now_utc, _compiler: Any, **_: Any) -> str:
    return NOW_SQL["sqlite"]


@compiles(now_utc, "postgresql")
def _now_postgresql(_element: now_utc, _compiler: Any, **_: Any) -> str:
    return NOW_SQL["postgresql"]


@compiles(now_utc, "mysql")
@compiles(now_utc, "mariadb")
def _now_mariadb(_element: now_utc, _compiler: Any, **_: Any) -> str:
    return NOW_SQL["mysql"]


NOW_SQL = {
    # SQLite's clock has milliseconds; the zeros keep the text as wide as everyone else's instants.
    "sqlite": "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))",
    "postgresql": "clock_timestamp()",
    "mysql": "(utc_timestamp(6))",
}

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

Key = sa.String(64)
Name = sa.String(200)
# MariaDB's TEXT ends at 65,535 bytes.
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
Word = sa.String(32)
Currency = sa.String(3)
Country = sa.String(2)


def column(name: str, type_: Any, *args: Any, doc: str, unit: str = "", owner: str = "", **more: Any) -> Any:
    """A column that says what it means, its unit, and the system that owns it when that is another."""
    return sa.Column(name, type_, *args, comment=doc, info={"unit": unit, "owner": owner}, **more)


def key(name: str, *, doc: str) -> Any:
    """The business key of a stream: its primary key, as people write it."""
    return column(name, Key, primary_key=True, nullable=False, doc=doc)


def ref(name: str, target: str, *, doc: str, nullable: bool = False) -> Any:
    """A column that points to the business key of another table of the same system."""
    return column(name, Key, sa.ForeignKey(target), nullable=nullable, index=True, doc=doc)


def stream(name: str, metadata: sa.MetaData, *parts: Any, doc: str, header: str = "") -> sa.Table:
    """A stream's table: its columns plus ``updated_at``, which the database itself keeps (``models.ddl``).

    ``header`` names the table whose document these rows are lines of: a changed line restamps it.
    """
    table = sa.Table(
        name,
        metadata,
        *parts,
        column(
            "updated_at",
            Instant,
            nullable=False,
            server_default=now_utc(),
            doc="when the row last changed here",
        ),
        comment=doc,
        info={"header": header},
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    # Keyset paging reads in this order; without the pair every page would sort the rest of the table.
    sa.Index(f"ix_{name}_changed", table.c.updated_at, *table.primary_key.columns)
    return table


def one_of(name: str, *values: str) -> sa.CheckConstraint:
    """A constraint that holds a column to a closed list of words."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{name} in ({allowed})", name=f"{name}_is_known")


def money(name: str, *, doc: str, nullable: bool = False, owner: str = "") -> Any:
    """An amount in the row's ``currency``."""
    return column(name, Exact, nullable=nullable, doc=doc, unit="currency", owner=owner)


def quantity(name: str, *, doc: str, nullable: bool = False, owner: str = "") -> Any:
    """A quantity in the item's unit."""
    return column(name, Exact, nullable=nullable, doc=doc, unit="item unit", owner=owner)
