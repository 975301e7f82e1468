"""Keeps a copy of a system that is only reached over HTTP, so that the warehouse can read it like a database.

HTTP pages since the last position ─▶ rows by key in an embedded file, deletes with their tombstones, held
against the system's own count ─▶ its address. A system in a database needs none: its own address is given
back. It judges and changes no value.
"""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import CountMismatch
from connectors.protocol import DELETED, Connector, Read, Row
from connectors.registry import connect
from warehouse.mirror_file import Copy, fit, tables_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from settings import Settings

PAGE_ROWS = 1_000
COUNTED_LAST_S = 20 * 3600.0
"""A daily build has every stream counted, also when it starts a little earlier than yesterday's."""
AGAIN = (
    "The copy stays as it was: build again; if it stays so, the API does not page as it says, or does not "
    "count what it gives"
)


def local_address(settings: Settings, system: str, *, full: bool = False, verify: bool = False) -> str:
    """The address of a database that holds the system's streams as they are now.

    ``full`` reads every stream whole again; ``verify`` has the system count them whole, which is else done
    once a day and of what is read whole. Raises ``CountMismatch`` when it counts others than came.
    """
    url = settings.url(system)
    if not url.startswith(("http:", "https:")):
        return url
    folder = settings.build_file.parent / "mirror"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(connect(system, url, token=settings.token(system))) as connector:
        return _refresh(connector, system, folder / f"{system}.db", full=full, verify=verify)


def _refresh(connector: Connector, system: str, file: Path, *, full: bool, verify: bool) -> str:
    """Bring the copy to what the system holds; each stream and its position in one transaction."""
    import sqlalchemy as sa

    address = f"sqlite:///{file}"
    engine = sa.create_engine(address)
    tables, positions = tables_of(system)
    try:
        fit(engine, tables, positions)
        for name, table in tables.items():
            with engine.begin() as connection:
                copy = Copy(connection, connector, f"{system}.{name}", table, positions)
                _bring(copy, full=full, verify=verify)
    finally:
        engine.dispose()
    return address


def _bring(copy: Copy, *, full: bool, verify: bool) -> None:
    """What changed, or all; held against the system's own count when read whole, on request, once a day."""
    since, counted_at_s = copy.position()
    due = verify or counted_at_s is None or time.time() - counted_at_s > COUNTED_LAST_S
    if since is not None and not full:
        if not due:
            _read(copy, since)
            return
        before = _count(copy)
        _read(copy, since)
        if not _differs(copy, before):
            copy.mark_counted()
            return
        # A hard delete, a commit later than the overlap, another system behind the address.
    before = _count(copy)
    _read(copy, None)
    if told := _differs(copy, before):
        raise CountMismatch(f"{copy.stream}: {told}. {AGAIN}")
    copy.mark_counted()


def _read(copy: Copy, since: str | None) -> None:
    read = Read(copy.stream, deletes=True)
    if since is None:
        copy.connection.execute(copy.table.delete())
    window = copy.connector.open_window(read, since)
    came = 0
    try:
        for page in copy.connector.pages(read, window, PAGE_ROWS):
            came += len(page)
            _keep(copy.connection, copy.table, [row for row in page if not row.get(DELETED)])
            _bury(copy.connection, copy.table, [row for row in page if row.get(DELETED)])
        least, most = copy.connector.bounds(read, window)
    finally:
        copy.connector.release(window)
    if not least <= came <= most:
        raise CountMismatch(f"{copy.stream}: {least} to {most} rows were to come, but {came} did. {AGAIN}")
    copy.mark_read(window.until)


def _count(copy: Copy) -> int:
    """How many rows the system says it has, up to a bound that it fixes."""
    window = copy.connector.open_window(Read(copy.stream), None)
    copy.connector.release(window)
    return window.count


def _differs(copy: Copy, before: int) -> str:
    """What the system counted before and after, and what is held, when that is not between them."""
    import sqlalchemy as sa

    after = _count(copy)
    held = copy.connection.execute(sa.select(sa.func.count()).select_from(copy.table)).scalar_one()
    least, most = sorted((before, after))
    return "" if least <= held <= most else f"the system has {after} rows, but {held} came"


def _keep(connection: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    names = table.columns.keys()
    if rows:
        values = [{name: row.get(name) for name in names} for row in rows]
        connection.execute(table.insert().prefix_with("or replace"), values)


def _bury(connection: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    (key,) = table.primary_key.columns
    buried = table.metadata.tables["tombstones"]
    for row in rows:
        connection.execute(table.delete().where(key == row[key.name]))
        stone = {"stream": table.name, "key": row[key.name], "deleted_at": row["updated_at"]}
        connection.execute(buried.insert().prefix_with("or replace"), stone)
