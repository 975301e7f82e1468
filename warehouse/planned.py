"""Between core and planning: the series that planning takes, and the tables it gives, kept in the build file.

core ─▶ Arrow ─▶ (planning, pure) ─▶ Arrow ─▶ ``planning.<table>``. Forecasts are not made here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from settings import Settings
from warehouse.build_file import open_build, transaction

if TYPE_CHECKING:
    import pyarrow as pa

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


def read_series(settings: Settings) -> tuple[dict[str, pa.Table], pa.Table | None, dt.date]:
    """The series of ``planning.tables.SERIES``, the last forecast when it can be reused, and the day."""
    with open_build(settings) as connection:
        series = {name: connection.execute(select).to_arrow_table() for name, select in SERIES.items()}
        last = connection.execute("select * from planning.forecast").to_arrow_table()
        row = connection.execute("select as_on from staging.build").fetchone()
    if row is None:
        raise ValueError("the build file knows no day; extract runs before planning")
    return series, last if "input_hash" in last.column_names else None, row[0]


def write_tables(settings: Settings, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Keep planning's tables, all or none; rows by table."""
    with open_build(settings) as connection:
        for name, table in tables.items():
            connection.register(f"planned_{name}", table)
        with transaction(connection):
            for name in tables:
                connection.execute(f"create or replace table planning.{name} as select * from planned_{name}")
    return {f"{name}_rows": table.num_rows for name, table in tables.items()}
