"""Row scope: the views through which a viewer sees the published tables, declared in ``scope.yml``.

A viewer ─▶ the people, accounts, orders, leads, requests and gaps that are the viewer's own ─▶ a catalogue of
views over the published file. Pages, exports, mails and drill-downs have no other way to the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from connectors.published_file import NAME
from reports.access.viewer import Viewer
from warehouse.describe import is_money

if TYPE_CHECKING:
    import duckdb

GROUPS: Mapping[str, str] = {
    "executive": "company",
    "finance": "company",
    "sales_manager": "team",
    "sales": "team",
    "production": "production",
    "hr": "hr",
}
"""The group of ``scope.yml`` a role belongs to; any other role sees what ``staff`` sees."""

# Everybody below a manager, however deep; a loop in the OA's chart ends by itself.
_PEOPLE = """
    with recursive team as (
        select cast($employee as varchar) as employee_no
        union
        select below.employee_no from published.core.dim_employee as below
        join team on below.manager_no = team.employee_no
        where below.is_current and $manages)
    select employee_no from team where employee_no is not null"""
OWN: Mapping[str, str] = {
    "accounts": """select distinct account_no from published.core.dim_customer
        where is_current and owner_no in (select employee_no from own.people)""",
    "orders": """select order_key from published.core.fct_order
        where account_no in (select account_no from own.accounts)
            or owner_no in (select employee_no from own.people)""",
    "leads": """select lead_no from published.core.fct_lead
        where account_no in (select account_no from own.accounts)
            or owner_no in (select employee_no from own.people)""",
    "requests": """select request_no from published.core.fct_approval
        where requester_no in (select employee_no from own.people)
        union select request_no from published.core.fct_approval_step
        where approver_no in (select employee_no from own.people)
            or acting_no in (select employee_no from own.people)""",
    "awaited": """
        with steps as (
            select decided_by_no as employee_no from published.core.fct_approval_step
            where is_pending and request_no in (select request_no from own.requests))
        select employee_no from steps
        union select substitute_no from published.core.dim_employee
        where is_current and employee_no in (select employee_no from steps)""",
    "gaps": """select gap_key from published.marts.mart_handoff_gaps
        where account_no in (select account_no from own.accounts)
            or owner_no in (select employee_no from own.people)""",
}
"""What is a viewer's own, by the table of ``own`` that holds it; each is made of those before it.

``awaited`` are the people whom own requests wait for, and who can decide in their place.
"""


def group_of(role: str) -> str:
    """The group of ``scope.yml`` for a role."""
    return GROUPS.get(role, "staff")


def scope_key(viewer: Viewer) -> tuple[str, str | None]:
    """What two viewers share who see the same rows: with the whole company in sight, the role alone."""
    return (viewer.role, None if group_of(viewer.role) == "company" else viewer.employee_no)


def sees(viewer: Viewer, *tables: str) -> bool:
    """Whether the viewer sees any rows of all these tables, such as ``marts.mart_cash``."""
    return all(group_of(viewer.role) in declared()["tables"][table] for table in tables)


def sees_money(viewer: Viewer) -> bool:
    """Whether amounts are shown to the viewer."""
    return viewer.role in declared()["money"]


@lru_cache(maxsize=1)
def declared() -> Mapping[str, Any]:
    """``scope.yml`` as it stands."""
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("scope.yml").read_text("utf-8"))
    return found


def make_scope(connection: duckdb.DuckDBPyConnection, viewer: Viewer, *, catalogue: str) -> None:
    """Attach ``catalogue`` with the views of this viewer; the published file is attached already."""
    cursor = connection.cursor()
    # What an attempt that failed has left is no scope.
    cursor.execute(f"detach database if exists {catalogue}")
    cursor.execute(f"attach ':memory:' as {catalogue}")
    cursor.execute(f"use {catalogue}")
    for schema in ("core", "marts", "own"):
        cursor.execute(f"create schema {schema}")
    group = group_of(viewer.role)
    if group != "company":
        _own(cursor, viewer)
    for table, columns in _published_columns(cursor).items():
        rows = declared()["tables"].get(table, {}).get(group)
        if rows is not None:
            seen = ", ".join(_column(viewer, table, name, kind) for name, kind in columns.items())
            where = _condition(rows, catalogue)
            cursor.execute(f"create view {table} as select {seen} from {NAME}.{table} where {where}")
    cursor.close()


def _own(cursor: Any, viewer: Viewer) -> None:
    cursor.execute(
        f"create table own.people as {_PEOPLE}",
        {"employee": viewer.employee_no, "manages": viewer.role == "sales_manager"},
    )
    for name, select in OWN.items():
        cursor.execute(f"create table own.{name} as {select}")


def _published_columns(cursor: Any) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for schema, table, column, kind in cursor.execute(
        """select schema_name, table_name, column_name, data_type from duckdb_columns()
        where database_name = $name order by schema_name, table_name, column_index""",
        {"name": NAME},
    ).fetchall():
        found.setdefault(f"{schema}.{table}", {})[column] = kind
    return found


def _column(viewer: Viewer, table: str, name: str, kind: str) -> str:
    only = [role for role, hidden in declared()["hides"].get(table, {}).items() if name in hidden]
    hidden = bool(only) and viewer.role not in only
    if hidden or (is_money(table, name) and not sees_money(viewer)):
        return f"cast(null as {kind}) as {name}"
    return name


def _condition(rows: str | list[str], catalogue: str) -> str:
    if rows == "all":
        return "true"
    if isinstance(rows, str):
        return rows.replace("own.", f"{catalogue}.own.")
    own = {column: name for name, columns in declared()["own"].items() for column in columns}
    key = {name: columns[0] for name, columns in declared()["own"].items()}
    return " or ".join(
        f"{column} in (select {key[own[column]]} from {catalogue}.own.{own[column]})" for column in rows
    )
