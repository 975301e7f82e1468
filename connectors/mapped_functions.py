"""The functions that a mapping's SQL may call beside DuckDB's own: company settings, keys, rounding, lookups.

Made as macros in the private DuckDB of an import; they read nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

_SCALED = "x::decimal(38, 14) * 10000"
_REST = f"{_SCALED} - floor({_SCALED})"
_MACROS = (
    "slug(x) as trim(upper(regexp_replace(strip_accents(x::varchar), '[^A-Za-z0-9]+', '-', 'g')), '-')",
    # To four digits, ties to the even neighbour. DuckDB's own round_even goes through a float.
    f"half_even(x) as (floor({_SCALED}) + case when {_REST} > 0.5 then 1 when {_REST} < 0.5 then 0 "
    f"else abs(floor({_SCALED})) % 2 end)::decimal(22, 0) * 0.0001::decimal(5, 4)",
)


def make_functions(
    connection: duckdb.DuckDBPyConnection,
    lookups: Mapping[str, Mapping[str, str]],
    *,
    currency: str,
    timezone: str,
) -> None:
    """Make ``company_currency``, ``company_timezone``, ``slug``, ``half_even`` and one function a lookup."""
    for macro in _MACROS:
        connection.execute(f"create macro {macro}")
    for name, value in (("company_currency", currency), ("company_timezone", timezone)):
        connection.execute(f"create macro {name}() as {_literal(value)}")
    for name, pairs in lookups.items():
        body = ", ".join(f"{_literal(key)}: {_literal(value)}" for key, value in pairs.items())
        connection.execute(f"create macro {name}_map() as map {{{body}}}")
        connection.execute(f"create macro {name}(x) as {name}_map()[x::varchar]")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
