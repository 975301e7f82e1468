"""Statements about many rows as each database takes them quickest: plain text, values beside it or inside.

Rows of canonical values ─▶ as many a statement as fit ─▶ the driver. Names are quoted by SQLAlchemy; values
are parameters, on MariaDB literals. An error shows none of them. Plans nothing, opens no transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa

from connectors.sql_engine import PACKET
from connectors.sql_wire import Put, cast_name, putter

ROWS_A_STATEMENT = 1_000
STATEMENT_BYTES = 1_000_000
# Room for a statement's words beside its one row.
WORDS_BYTES = 10_000

Values = tuple[Any, ...]
Columns = Sequence[sa.Column[Any]]


class TooLarge(Exception):
    """A row is more than the server takes in one statement."""


class Words:
    """Statements over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._kind = connection.dialect.name
        self._quote = connection.dialect.identifier_preparer

    def ask(self, what: str, columns: Columns, key: sa.Column[Any], *, keys: Sequence[Any]) -> Sequence[Any]:
        """``select`` these columns, or ``delete``, where ``key`` is one of ``keys``; the rows, if any."""
        wanted = f" {self._names(columns)}" if columns else ""
        head = f"{what}{wanted} from {self._table(key)} where {self._name(key)}"
        put = putter(self._connection, key)
        values = list(map(put, keys)) if put else list(keys)
        if self._kind == "sqlite":
            return self._run(head, f" in ({', '.join('?' * len(values))})", tuple(values))
        if self._kind == "postgresql":
            return self._run(head, " = any(%s)", (values,))
        return self._run(head, f" in ({', '.join(values)})")

    def insert(self, columns: Columns, rows: Sequence[Values]) -> None:
        """New rows of these columns, in order."""
        head = f"insert into {self._table(columns[0])} ({self._names(columns)}) values "
        row = f"({', '.join('?' * len(columns))})" if self._kind == "sqlite" else ""
        self._send(f"{head}{row}", "", columns, rows)

    def update(self, columns: Columns, rows: Sequence[Values]) -> None:
        """New values of all these columns but the last, by which the row is found."""
        *changed, key = columns
        table, found = self._table(key), self._name(key)
        if self._kind == "sqlite":
            values = ", ".join(f"{self._name(column)} = ?" for column in changed)
            self._send(f"update {table} set {values} where {found} = ?", "", columns, rows)
            return
        given = ", ".join([*(f"v{number}" for number in range(len(changed))), "k"])
        if self._kind == "postgresql":
            values = ", ".join(f"{self._name(column)} = d.v{n}" for n, column in enumerate(changed))
            head = f"update {table} t set {values} from (values "
            tail = f") d ({given}) where t.{found} = d.k"
        else:
            values = ", ".join(f"t.{self._name(column)} = d.v{n}" for n, column in enumerate(changed))
            head = f"update {table} t join (with given ({given}) as (values "
            tail = f") select * from given) d on t.{found} = d.k set {values}"
        self._send(head, tail, columns, rows)

    def _table(self, column: sa.Column[Any]) -> str:
        return str(self._quote.format_table(column.table))

    def _name(self, column: sa.Column[Any]) -> str:
        return str(self._quote.quote(column.name))

    def _names(self, columns: Columns) -> str:
        return ", ".join(map(self._name, columns))

    def _send(self, head: str, tail: str, columns: Columns, rows: Sequence[Values]) -> None:
        puts = [putter(self._connection, column) or _as_it_is for column in columns]
        if self._kind == "sqlite":
            self._run(head, tail, [tuple([p(v) for p, v in zip(puts, row, strict=True)]) for row in rows])
        elif self._kind == "postgresql":
            one = f"({', '.join(['%s'] * len(columns))})"
            # An insert's values take the types of its columns; those of an update stand for themselves.
            first = f"({', '.join(f'%s::{cast_name(column)}' for column in columns)})" if tail else one
            for some in _light(columns, rows):
                text = ", ".join([first, *([one] * (len(some) - 1))])
                self._run(head, f"{text}{tail}", tuple(chain.from_iterable(some)))
        else:
            for text in self._literals(puts, rows):
                self._run(head, f"{text}{tail}")

    def _literals(self, puts: Sequence[Put], rows: Sequence[Values]) -> Iterator[str]:
        """The rows as text, as many together as fit a statement."""
        room = self._connection.info[PACKET] - WORDS_BYTES
        pending: list[str] = []
        size = 0
        for row in rows:
            text = f"({', '.join([put(value) for put, value in zip(puts, row, strict=True)])})"
            length = len(text) if text.isascii() else len(text.encode())
            if length > room:
                raise TooLarge(
                    f"a row of it is {length:,} bytes long in a statement, and the server's "
                    f"max_allowed_packet takes {room:,}"
                )
            if pending and (size + length > min(room, STATEMENT_BYTES) or len(pending) == ROWS_A_STATEMENT):
                yield ", ".join(pending)
                pending, size = [], 0
            pending.append(text)
            size += length + 2
        if pending:
            yield ", ".join(pending)

    def _run(self, head: str, rest: str, parameters: Any = None) -> Sequence[Any]:
        options = {"no_parameters": True} if parameters is None else {}
        try:
            result = self._connection.exec_driver_sql(head + rest, parameters, execution_options=options)
            return result.fetchall() if result.returns_rows else ()
        except sa.exc.StatementError as error:
            # What follows holds the rows' values, and whoever logs the error would tell them.
            error.statement = f"{head} …"
            raise


def _as_it_is(value: Any) -> Any:
    return value


def _light(columns: Columns, rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """The rows in lists that are no load to any server, however long their texts."""
    long = [number for number, column in enumerate(columns) if isinstance(column.type, sa.Text)]
    some: list[Values] = []
    size = 0
    for row in rows:
        length = sum([len(row[number] or "") for number in long])
        if some and (size + length > STATEMENT_BYTES or len(some) == ROWS_A_STATEMENT):
            yield some
            some, size = [], 0
        some.append(row)
        size += length
    if some:
        yield some
