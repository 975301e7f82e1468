"""One store as its API has it: its database, its connector, its clock, and what a request may cost.

``make_app`` makes one; nothing connects before the first request. Streams are found here by their plain name.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from connectors.protocol import Connector
from connectors.registry import connect
from connectors.sql_engine import make_engine, parse, place, writing
from connectors.sql_errors import Fate, Fault, fault, system_error, translated
from models import SYSTEMS
from models.internal import INTERNAL
from stores.api.handling import Handling
from stores.api.problems import no_stream
from stores.engines import create_stores, open_stores

T = TypeVar("T")
TRIES = 6


@dataclass(frozen=True)
class Limits:
    """What a request may cost: bytes of its body, seconds to its answer, requests a second and at once."""

    body_bytes: int = 8 * 2**20
    answer_s: float = 30.0
    rate: float = 50.0
    burst: int = 200


@dataclass(frozen=True)
class Stream:
    """A stream's table with its key, and the table of its lines."""

    name: str
    table: sa.Table
    key: sa.Column[str]
    lines: sa.Table | None = None


class Broken(Exception):
    """The database refused what was written: ``fault`` says which rule of it."""

    def __init__(self, problem: Fault) -> None:
        super().__init__(problem.text)
        self.fault = problem


class Store:
    """A system's database and connector; ``close`` ends all connections."""

    def __init__(self, system: str, url: str, *, currency: str = "EUR") -> None:
        self.system, self.currency = system, currency
        self._given = url
        self._url = parse(system, url)

    @cached_property
    def engine(self) -> sa.Engine:
        return make_engine(self._url)

    @cached_property
    def connector(self) -> Connector:
        return connect(self.system, self._given)

    @cached_property
    def _handling(self) -> Handling:
        return Handling(self.system, self.engine)

    def handle(self, table: str) -> None:
        """Let the store decide on what was just written to a table."""
        self._handling.handle(table)

    @property
    def metadata(self) -> sa.MetaData:
        return SYSTEMS[self.system]

    def prepare(self) -> None:
        """Make a store that is not there yet; add the bookkeeping that an older one lacks."""
        for tried in range(TRIES):
            try:
                self._prepare()
                return
            except sa.exc.SQLAlchemyError as error:
                # Another program, such as the stores' worker, may just be making it too.
                if tried == TRIES - 1:
                    raise system_error(self.system, self._url, fault(error)) from error
                time.sleep(0.2 * 2**tried)

    def is_made(self) -> bool:
        """Whether there is a store: its database, and a stream in it."""
        if self._url.get_backend_name() == "sqlite" and not Path(str(self._url.database)).exists():
            return False
        with self.reading() as connection:
            there = set(sa.inspect(connection).get_table_names())
        return bool(there & (set(self.metadata.tables) - INTERNAL))

    @property
    def place(self) -> str:
        """Its address as messages show it: no user, no password."""
        return place(self._url)

    def _prepare(self) -> None:
        engines = open_stores({self.system: self._given})
        engine = engines[self.system]
        try:
            there = set(sa.inspect(engine).get_table_names())
            if not there:
                create_stores(engines)
            elif missing := INTERNAL - there:
                tables = [self.metadata.tables[name] for name in sorted(missing)]
                self.metadata.create_all(engine, tables=tables)
        finally:
            engine.dispose()

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def find(self, name: str) -> Stream:
        """The stream of that name; a 404 when there is none."""
        table = self.metadata.tables.get(name)
        if table is None or name in INTERNAL:
            raise no_stream(self.system, name)
        (key,) = table.primary_key.columns
        return Stream(f"{self.system}.{name}", table, key, lines_of(table))

    def streams(self) -> list[Stream]:
        """All streams, by name."""
        return [self.find(name) for name in sorted(self.metadata.tables) if name not in INTERNAL]

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read with; its errors are told by fate."""
        with translated(self.system, self._url), self.engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Do it in a transaction, again after a deadlock; ``Broken`` when a rule of the database refuses."""
        problem = Fault(Fate.AGAIN, "not tried")
        for tried in range(TRIES):
            try:
                with writing(self.engine) as connection:
                    return work(connection)
            except sa.exc.SQLAlchemyError as error:
                problem = fault(error)
                if problem.fate in (Fate.UNREACHABLE, Fate.REFUSED):
                    raise system_error(self.system, self._url, problem) from error
            if problem.fate is not Fate.AGAIN:
                raise Broken(problem)
            time.sleep(random.uniform(0.01, 0.05) * 2**tried)
        raise system_error(self.system, self._url, problem)

    def close(self) -> None:
        """End all connections; the next question would open new ones."""
        held = self.__dict__
        if "_handling" in held:
            held.pop("_handling").finish()
        if "connector" in held:
            held.pop("connector").close()
        if "engine" in held:
            held.pop("engine").dispose()


def lines_of(table: sa.Table) -> sa.Table | None:
    """The table of a document's lines."""
    return next((one for one in table.metadata.tables.values() if one.info.get("header") == table.name), None)
