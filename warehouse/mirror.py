"""Keeps a copy of a system that is only reached over HTTP, so that the warehouse can read it like a database.

HTTP pages since the last position ─▶ rows by key in an embedded file, deletes with their tombstones ─▶ its
address. A system in a database needs none: its own address is given back. It judges and changes no value.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import models
from connectors.errors import CountMismatch
from connectors.protocol import DELETED, Connector, Read, Row
from connectors.registry import connect

if TYPE_CHECKING:
    import sqlalchemy as sa

    from settings import Settings

PAGE_ROWS = 1_000


def local_address(settings: Settings, system: str) -> str:
    """The address of a database that holds the system's streams as they are now."""
    url = settings.url(system)
    if not url.startswith(("http:", "https:")):
        return url
    folder = settings.build_file.parent / "mirror"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(connect(system, url, token=settings.token(system))) as connector:
        return _refresh(connector, system, folder / f"{system}.db")


def _refresh(connector: Connector, system: str, file: Path) -> str:
    """Bring the copy to what the system holds; each stream and its position in one transaction."""
    import sqlalchemy as sa

    address = f"sqlite:///{file}"
    engine = sa.create_engine(address)
    tables, positions = _tables(system)
    try:
        positions.metadata.create_all(engine)
        for name, table in tables.items():
            with engine.begin() as connection:
                _bring(connection, connector, f"{system}.{name}", table=table, positions=positions)
    finally:
        engine.dispose()
    return address


def _bring(
    connection: sa.Connection, connector: Connector, stream: str, *, table: sa.Table, positions: sa.Table
) -> None:
    since = connection.execute(
        positions.select().with_only_columns(positions.c.position).where(positions.c.stream == stream)
    ).scalar_one_or_none()
    read = Read(stream, deletes=True)
    window = connector.open_window(read, since)
    came = 0
    try:
        for page in connector.pages(read, window, PAGE_ROWS):
            came += len(page)
            _keep(connection, table, [row for row in page if not row.get(DELETED)])
            _bury(connection, table, [row for row in page if row.get(DELETED)])
        least, most = connector.bounds(read, window)
    finally:
        connector.release(window)
    if not least <= came <= most:
        raise CountMismatch(
            f"{stream}: {least} to {most} rows were to come, but {came} did. The copy stays as it was: build "
            "again; if it stays so, the API does not page as it says"
        )
    replace = positions.insert().prefix_with("or replace")
    connection.execute(replace, {"stream": stream, "position": window.until})


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


def _tables(system: str) -> tuple[dict[str, sa.Table], sa.Table]:
    """The streams' tables and where each was read to; the constraints are for the system itself to keep."""
    import sqlalchemy as sa

    copy = sa.MetaData()

    def like(table: sa.Table) -> sa.Table:
        columns: list[Any] = [
            sa.Column(column.name, column.type, primary_key=column.primary_key) for column in table.columns
        ]
        return sa.Table(table.name, copy, *columns)

    source = models.SYSTEMS[system]
    like(source.tables["tombstones"])
    streams = [name.partition(".")[2] for name in models.streams() if name.startswith(f"{system}.")]
    tables = {name: like(source.tables[name]) for name in streams}
    positions = sa.Table(
        "positions",
        copy,
        sa.Column("stream", sa.String(200), primary_key=True),
        sa.Column("position", sa.Text(), nullable=False),
    )
    return tables, positions
