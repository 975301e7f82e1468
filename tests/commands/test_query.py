"""`triada query`: it only reads, every digit is there, and a wrong name is answered with near ones."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import settings
from cli import app, main
from commands.query import ask, list_tables
from commands.query_screen import show
from connectors.errors import Misconfigured, Refused

ORDERS = """
create schema core;
create schema marts;
create table core.fct_order (order_key varchar, amount decimal(18, 4), ordered_at timestamptz, lines integer);
insert into core.fct_order values
    ('CO-1', 12345678901234.5670, '2026-03-29 01:30:00+01', 2),
    ('CO-2', 0.1000, '2026-03-29 03:30:00+02', 1),
    ('CO-3', null, null, 0);
comment on table core.fct_order is 'An order. One row per order_key.';
create table marts.mart_cash (week_on date, received_amount decimal(18, 4));
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a small published file."""
    (tmp_path / "warehouse").mkdir()
    connection = duckdb.connect(str(tmp_path / "warehouse" / "triada.duckdb"))
    connection.execute(ORDERS)
    connection.close()
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    settings.load.cache_clear()
    yield tmp_path
    settings.load.cache_clear()


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["query", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.usefixtures("home")
def test_a_document_has_every_digit_and_instants_in_utc() -> None:
    rows = json.loads(said("--json", "select * from core.fct_order order by order_key"))
    assert rows == [
        {
            "order_key": "CO-1",
            "amount": "12345678901234.5670",
            "ordered_at": "2026-03-29T00:30:00Z",
            "lines": 2,
        },
        {"order_key": "CO-2", "amount": "0.1000", "ordered_at": "2026-03-29T01:30:00Z", "lines": 1},
        {"order_key": "CO-3", "amount": None, "ordered_at": None, "lines": 0},
    ]


@pytest.mark.usefixtures("home")
def test_a_sum_of_many_small_amounts_is_exact() -> None:
    # Ten tenths are one; as floats they are 0.9999999999999999.
    sql = (
        "select sum(amount) as total from (select amount from fct_order, range(10) where order_key = 'CO-2')"
    )
    assert json.loads(said("--json", sql)) == [{"total": "1.0000"}]


@pytest.mark.usefixtures("home")
def test_a_number_on_the_screen_is_whole_and_to_the_right() -> None:
    lines = said("select order_key, amount from fct_order order by order_key").splitlines()
    assert [line.rstrip() for line in lines] == [
        "order_key               amount",
        "CO-1       12345678901234.5670",
        "CO-2                    0.1000",
        "CO-3",
        "3 rows",
    ]


@pytest.mark.usefixtures("home")
def test_csv_is_read_back_as_it_was() -> None:
    text = said("--csv", "select order_key, amount, 'a, \"b\"' as words from fct_order order by 1 limit 2")
    assert list(csv.reader(io.StringIO(text))) == [
        ["order_key", "amount", "words"],
        ["CO-1", "12345678901234.5670", 'a, "b"'],
        ["CO-2", "0.1000", 'a, "b"'],
    ]


@pytest.mark.usefixtures("home")
def test_the_screen_stops_at_fifty_and_says_how_many_more() -> None:
    assert (
        said("select range as n from range(120)")
        .splitlines()[-1]
        .startswith("120 rows; 70 more: --limit 120")
    )
    assert said("select range as n from range(50)").splitlines()[-1] == "50 rows"
    assert said("select range as n from range(120)", "--limit", "2").splitlines()[1:3] == ["0", "1"]
    assert len(json.loads(said("--json", "select range as n from range(120)"))) == 120
    assert len(json.loads(said("--json", "--limit", "3", "select range as n from range(120)"))) == 3


@pytest.mark.usefixtures("home")
def test_columns_of_one_name_are_both_kept() -> None:
    assert json.loads(said("--json", "select 1 as a, 2 as a")) == [{"a": 1, "a_2": 2}]


@pytest.mark.parametrize(
    "sql",
    [
        "drop table core.fct_order",
        "insert into core.fct_order select * from core.fct_order",
        "update core.fct_order set lines = 9",
        "select 1; drop table core.fct_order",
        "copy core.fct_order to '{home}/out.csv'",
        "attach '{home}/other.duckdb'",
        "create temp table t as select 1",
        "set enable_external_access = true",
        "install httpfs",
        "select * from read_csv('{home}/secret.csv')",
        "select * from '{home}/secret.csv'",
        "select * from read_text('{home}/*')",
        "",
    ],
)
def test_it_only_reads_and_only_the_warehouse(home: Path, sql: str) -> None:
    (home / "secret.csv").write_text("word\nhunter2\n")
    before = (home / "warehouse" / "triada.duckdb").read_bytes()
    with pytest.raises(Refused) as refused:
        ask(sql.format(home=home), limit=50)
    assert "hunter2" not in str(refused.value)
    assert (home / "warehouse" / "triada.duckdb").read_bytes() == before
    assert sorted(path.name for path in home.iterdir()) == ["secret.csv", "warehouse"]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("sql", "name", "near"),
    [
        ("select * from core.fct_ordr", "fct_ordr", "core.fct_order"),
        ("select * from cor.fct_order", "cor.fct_order", "core.fct_order"),
        ("select amout from fct_order", "amout", "amount"),
        ("select o.amout from core.fct_order as o", "amout", "amount"),
        ("select recieved_amount from marts.mart_cash", "recieved_amount", "received_amount"),
    ],
)
def test_a_wrong_name_is_answered_with_near_ones(sql: str, name: str, near: str) -> None:
    with pytest.raises(Refused, match=f"'{name}'; near it: .*{near}"):
        ask(sql, limit=50)


@pytest.mark.usefixtures("home")
def test_a_value_that_cannot_be_cast_is_one_line() -> None:
    with pytest.raises(Refused) as refused:
        ask("select cast(order_key as integer) from fct_order", limit=50)
    assert "Could not convert string 'CO-1' to INT32" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("home")
def test_the_tables_are_listed_with_grain_and_rows() -> None:
    assert list_tables().rows == [
        ("core.fct_order", 3, "An order. One row per order_key."),
        ("marts.mart_cash", 0, ""),
    ]


def test_before_the_first_publication_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    settings.load.cache_clear()
    with pytest.raises(Misconfigured, match=r"nothing is published yet .*triada build makes"):
        ask("select 1", limit=50)
    monkeypatch.setattr("sys.argv", ["triada", "query", "--json", "select 1"])
    with pytest.raises(SystemExit) as ended:
        main()
    settings.load.cache_clear()
    captured = capsys.readouterr()
    assert (ended.value.code, json.loads(captured.out)) == (1, [])
    assert "triada build" in captured.err


@pytest.mark.usefixtures("home")
def test_a_row_too_wide_for_the_terminal_becomes_a_block(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    show(ask("select * from fct_order where order_key = 'CO-1'", limit=50), how="screen")
    lines = [line.rstrip() for line in _plain(capsys.readouterr().out)]
    assert lines[:3] == ["row 1", "  order_key   CO-1", "  amount      12345678901234.5670"]


@pytest.mark.usefixtures("home")
def test_values_come_as_what_they_are() -> None:
    assert ask("select amount from fct_order where order_key = 'CO-1'", limit=5).rows == [
        (Decimal("12345678901234.5670"),)
    ]


def _plain(text: str) -> list[str]:
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
