"""Between core and planning: the series that planning takes, and the tables it gives, kept in the build file.

core ─▶ Arrow ─▶ (planning, pure) ─▶ Arrow ─▶ ``planning.<table>``, and what they were made of. Forecasts are
not made here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from settings import Settings
from warehouse import changes
from warehouse.build_file import open_build, transaction
from warehouse.built import Built, read_built, write_built
from warehouse.inputs import Inputs
from warehouse.model import DIALECT, Model, models, text_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

TODAY = "staging.today"
"""The day that planning counts from."""
SERIES: Mapping[str, str] = {
    "demand": """select item_no, cast(date_trunc('month', ordered_on) as date) as month_on,
        cast(sum(quantity) as decimal(38, 4)) as quantity
        from core.fct_order_line where is_revenue group by all order by all""",
    "sales": """select cast(date_trunc('month', ordered_on) as date) as month_on,
        cast(sum(amount) as decimal(38, 4)) as revenue_amount
        from core.fct_order_line where is_revenue group by all order by all""",
    "cash_in": """select cast(date_trunc('week', paid_on) as date) as week_on,
        cast(sum(amount) as decimal(38, 4)) as amount
        from core.fct_payment group by all order by all""",
}


@lru_cache(maxsize=1)
def forecast() -> Model:
    """``planning.forecast`` as a model: what it is made of; planning makes it, the runner never does."""
    import sqlglot
    from sqlglot import exp

    selects = [sqlglot.parse_one(select, dialect=DIALECT) for select in SERIES.values()]
    tables = [table for select in selects for table in select.find_all(exp.Table)]
    reads = frozenset({f"{table.db}.{table.name}" for table in tables if table.db} | {TODAY})
    return Model("planning", "forecast", "", "\n".join(SERIES.values()), reads)


def read_series(settings: Settings) -> tuple[dict[str, pa.Table], pa.Table | None, dt.date]:
    """The series of ``planning.tables.SERIES``, the last forecast when it can be reused, and the day."""
    with open_build(settings) as connection:
        series = {name: connection.execute(select).to_arrow_table() for name, select in SERIES.items()}
        last = connection.execute("select * from planning.forecast").to_arrow_table()
        row = connection.execute(f"select as_on from {TODAY}").fetchone()
    if row is None:
        raise ValueError("the build file knows no day; extract runs before planning")
    return series, last if "input_hash" in last.column_names else None, row[0]


def write_tables(settings: Settings, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Keep planning's tables, all or none, as made of core as it is now; rows by table.

    Whoever plans holds the lock from the series to the tables, so that core is still what it was.
    """
    with open_build(settings) as connection:
        for name, table in tables.items():
            connection.register(f"planned_{name}", table)
        with transaction(connection):
            for name in tables:
                connection.execute(f"create or replace table planning.{name} as select * from planned_{name}")
            _remember(connection)
    return {f"{name}_rows": table.num_rows for name, table in tables.items()}


def _remember(build: duckdb.DuckDBPyConnection) -> None:
    """What the forecast is made of, beside what every model is made of."""
    model = forecast()
    known = {each.relation: each for each in models()}
    text = text_of(model, known)
    row = build.execute("select tick from delta.clock").fetchone()
    seen = int(row[0]) if row else 0
    states = Inputs(build, known, changes.last_changes(build)).states(model)
    write_built(build, read_built(build) | {model.relation: Built(text, text, seen, states)})
