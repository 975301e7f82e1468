"""The runner: order from the files, all or nothing, and only what has to be made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError
from pathlib import Path

import duckdb
import pytest
import sqlglot

from settings import Settings
from tests.warehouse.company import settings_at
from warehouse.build_file import open_build
from warehouse.model import SQL, BadModel, models, origins_of
from warehouse.runner import build

FILES = sorted(SQL.rglob("*.sql"))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A build file without streams, and a folder for models of its own."""
    folder = tmp_path / "sql"
    for layer in ("staging", "core", "marts"):
        (folder / layer).mkdir(parents=True)
    settings: Settings = settings_at(tmp_path)
    with open_build(settings) as connection:
        yield connection, folder


def write(folder: Path, name: str, sql: str) -> None:
    (folder / f"{name}.sql").write_text(f"-- one row · from nothing · read by a test\n{sql}\n")
    models.cache_clear()


def made(connection: duckdb.DuckDBPyConnection, folder: Path) -> set[str]:
    """Build core; the tables that were not kept as they were."""
    return {each.relation for each in build(connection, "core", folder=folder) if each.how != "kept"}


def test_order_is_read_from_the_files(empty: tuple[duckdb.DuckDBPyConnection, Path]) -> None:
    connection, folder = empty
    write(folder, "core/a_last", "with b as (select * from core.b_first) select n + 1 as n from b")
    write(folder, "core/b_first", "select 1 as n")
    assert [model.name for model in models(folder)] == ["b_first", "a_last"]
    build(connection, "core", folder=folder)
    assert connection.execute("select n from core.a_last").fetchall() == [(2,)]


def test_models_that_read_each_other_are_refused(empty: tuple[duckdb.DuckDBPyConnection, Path]) -> None:
    _, folder = empty
    write(folder, "core/one", "select * from core.two")
    write(folder, "core/two", "select * from core.one")
    with pytest.raises(CycleError):
        models(folder)


def test_what_did_not_change_is_not_made_again(empty: tuple[duckdb.DuckDBPyConnection, Path]) -> None:
    connection, folder = empty
    connection.execute("create table raw.t as select 1 as n")
    write(folder, "core/one", "select n from raw.t")
    write(folder, "core/two", "select n from core.one")
    write(folder, "core/alone", "select 1 as n")
    assert made(connection, folder) == {"core.one", "core.two", "core.alone"}
    assert made(connection, folder) == set()
    connection.execute("update raw.t set n = 2")
    assert made(connection, folder) == {"core.one", "core.two"}
    assert connection.execute("select n from core.two").fetchall() == [(2,)]
    write(folder, "core/alone", "select 3 as n")
    assert made(connection, folder) == {"core.alone"}


def test_what_time_alone_changed_is_told_from_what_the_company_did(
    empty: tuple[duckdb.DuckDBPyConnection, Path],
) -> None:
    connection, folder = empty
    write(folder, "staging/now", "select as_of from raw.build")
    connection.execute("create table raw.t as select 1 as n")
    write(folder, "core/aged", "select n, as_of from raw.t cross join staging.now")
    write(folder, "core/ages", "select count(as_of) as n, max(as_of) as as_of from core.aged")

    def by_time(day: int) -> dict[str, bool]:
        connection.execute("delete from raw.build")
        connection.execute(f"insert into raw.build values ('2026-06-{day} 12:00:00Z', 'EUR', 'UTC')")
        return {made.relation: made.by_time for made in build(connection, "core", folder=folder)}

    assert by_time(15) == {"core.aged": False, "core.ages": False}  # they are new
    assert by_time(15) == {"core.aged": False, "core.ages": False}  # they are kept
    assert by_time(16) == {"core.aged": True, "core.ages": True}
    connection.execute("update raw.t set n = 2")
    assert by_time(17) == {"core.aged": False, "core.ages": False}
    connection.execute("update raw.t set n = 3")
    build(connection, "core", folder=folder, only=["core.aged"])
    # Time moved what it reads in this build, but the build before had left it behind.
    assert by_time(18) == {"core.aged": True, "core.ages": False}


def test_another_zone_of_the_company_is_more_than_time(
    empty: tuple[duckdb.DuckDBPyConnection, Path],
) -> None:
    connection, folder = empty
    write(folder, "staging/build", "select as_of, timezone from raw.build")
    write(folder, "staging/company", "select timezone from raw.build")
    write(folder, "core/aged", "select as_of at time zone timezone as n from staging.build")

    def by_time(day: int, zone: str) -> bool:
        connection.execute("delete from raw.build")
        connection.execute(f"insert into raw.build values ('2026-06-{day} 12:00:00Z', 'EUR', '{zone}')")
        (one,) = build(connection, "core", folder=folder)
        return one.by_time

    days = [(15, "UTC"), (16, "UTC"), (16, "Asia/Tokyo"), (17, "Asia/Tokyo")]
    assert [by_time(*day) for day in days] == [False, True, False, True]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("core.two through core.one", "is no input"),
        ("raw.gone", "does not read"),
        ("raw.t as a, b, c", "3 keys"),
    ],
)
def test_a_header_that_cannot_hold_is_refused(
    empty: tuple[duckdb.DuckDBPyConnection, Path], line: str, says: str
) -> None:
    _, folder = empty
    write(folder, "core/one", f"-- made anew by n, m:\n--  {line}\nselect 1 as n, 2 as m from raw.t")
    with pytest.raises(BadModel, match=says):
        models(folder)


def test_a_table_somebody_dropped_comes_back(empty: tuple[duckdb.DuckDBPyConnection, Path]) -> None:
    connection, folder = empty
    write(folder, "core/one", "select 1 as n")
    build(connection, "core", folder=folder)
    connection.execute("drop table core.one")
    assert made(connection, folder) == {"core.one"}


def test_a_failing_model_leaves_every_table_as_it_was(empty: tuple[duckdb.DuckDBPyConnection, Path]) -> None:
    connection, folder = empty
    write(folder, "core/one", "select 1 as n")
    build(connection, "core", folder=folder)
    write(folder, "core/one", "select 2 as n")
    write(folder, "core/two", "select cast('x' as integer) as n from core.one")
    with pytest.raises(duckdb.ConversionException):
        build(connection, "core", folder=folder)
    assert connection.execute("select n from core.one").fetchall() == [(1,)]


def test_the_streams_behind_a_mart_are_known() -> None:
    assert {"raw.crm_orders", "raw.erp_exchange_rates"} <= origins_of("marts.mart_sales")
    assert not any(raw.startswith("raw.oa_") for raw in origins_of("core.fct_payment"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SQL)))
def test_a_file_reads_like_the_others(path: Path) -> None:
    text = path.read_text()
    header = " ".join(line[2:].strip() for line in text.splitlines() if line.startswith("--"))
    assert re.match(r"one row .+ · from .+ · read by .+", header), "the header says grain, sources, readers"
    (statement,) = sqlglot.parse(text, dialect="duckdb")
    assert isinstance(statement, sqlglot.exp.Query), "one select and nothing else"
    code = re.sub(r"'[^']*'", "", re.sub(r"--.*", "", text))
    assert code == code.lower(), "lower case"
    assert max(map(len, text.splitlines())) <= 110
    assert "float" not in code


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SQL)))
def test_every_row_number_ends_in_a_unique_key(path: Path) -> None:
    """Equal sort keys would number rows differently from run to run."""
    unique = re.compile(r"(_no|_key|country|is_deleted|period)$")
    parsed = sqlglot.parse_one(path.read_text(), dialect="duckdb")
    for window in parsed.find_all(sqlglot.exp.Window):
        if isinstance(window.this, sqlglot.exp.RowNumber):
            last = window.args["order"].expressions[-1].this
            assert unique.search(last.name), f"{window.sql()} may tie"


@pytest.mark.parametrize("path", sorted((SQL / "staging").glob("*.sql")), ids=lambda path: path.stem)
def test_staging_joins_nothing(path: Path) -> None:
    parsed = sqlglot.parse_one(path.read_text(), dialect="duckdb")
    assert not list(parsed.find_all(sqlglot.exp.Join))
    assert len(list(parsed.find_all(sqlglot.exp.Table))) == 1
