"""The rows behind the numbers of production and of HR.

Each set has the rows that its number is counted from and no others.
"""

from __future__ import annotations

from reports.filters import Filter
from reports.pages.morning_rows import SINCE, UNTIL
from reports.pages.today import TODAY
from reports.rows import Column, RowSet

RUNNING_OUT = RowSet(
    name="running-out",
    tables=("marts.mart_supply",),
    select="select * from marts.mart_supply where runs_out_on is not null",
    columns=(
        Column("item_no", record="item"),
        Column("item_name"),
        Column("kind", words="item_kind"),
        Column("available", "decimal"),
        Column("monthly_demand", "decimal"),
        Column("runs_out_on", "date"),
        Column("lead_time_days", "days"),
        Column("suggested_quantity", "decimal"),
    ),
    order="runs_out_on, item_no",
    where={"until": "runs_out_on <= $until"},
    filters=(UNTIL,),
)

WAITING = RowSet(
    name="waiting-for-stock",
    tables=("core.fct_order",),
    select="""
        select * from core.fct_order
        where is_waiting_for_stock and state not in ('shipped', 'cancelled', 'refused')""",
    columns=(
        Column("order_key", record="order"),
        Column("account_no"),
        Column("owner_no", record="person"),
        Column("state", words="state"),
        Column("ordered_on", "date"),
        Column("promised_on", "date"),
    ),
    order="promised_on nulls last, order_key",
    where={},
)

PRODUCTION = RowSet(
    name="production-orders",
    tables=("core.fct_production", "core.dim_item"),
    select="""
        select production.*, items.name as item_name
        from core.fct_production as production
        left join core.dim_item as items on items.item_no = production.item_no and items.is_current
        where production.status <> 'cancelled'""",
    columns=(
        Column("production_no", record="production"),
        Column("item_no", record="item"),
        Column("item_name"),
        Column("quantity", "decimal"),
        Column("order_key", record="order"),
        Column("status", words="status"),
        Column("starts_on", "date"),
        Column("due_on", "date"),
        Column("days_late", "days"),
    ),
    order="due_on, production_no",
    where={
        "late": "done_at is null and due_on < $late",
        "since": "due_on >= $since",
        "until": "due_on <= $until",
        "item": "item_no = $item",
    },
    filters=(Filter("late", "date"), SINCE, UNTIL, Filter("item", "code")),
)

STOCK_OUTS = RowSet(
    name="stock-outs",
    tables=("core.fct_stock_daily", "core.dim_item"),
    select="""
        select stock.*, items.name as item_name
        from core.fct_stock_daily as stock
        left join core.dim_item as items on items.item_no = stock.item_no and items.is_current
        where stock.is_stock_out""",
    columns=(
        Column("item_no", record="item"),
        Column("item_name"),
        Column("on_date", "date"),
        Column("received_quantity", "decimal"),
        Column("issued_quantity", "decimal"),
        Column("on_hand", "decimal"),
    ),
    order="on_date desc, item_no",
    where={"since": "on_date >= $since", "until": "on_date <= $until", "item": "item_no = $item"},
    filters=(SINCE, UNTIL, Filter("item", "code")),
)

PURCHASES = RowSet(
    name="overdue-purchases",
    tables=("core.fct_purchase", "core.dim_supplier"),
    select=f"""
        select purchases.*, suppliers.name as supplier_name
        from core.fct_purchase as purchases
        join ({TODAY}) as today on purchases.expected_on < today.on_date
        left join core.dim_supplier as suppliers on suppliers.supplier_no = purchases.supplier_no
        where purchases.status not in ('draft', 'cancelled') and purchases.received_on is null""",
    columns=(
        Column("purchase_no", record="purchase"),
        Column("supplier_name"),
        Column("requester_no", record="person"),
        Column("ordered_on", "date"),
        Column("expected_on", "date"),
        Column("days_late", "days"),
        Column("lines", "integer"),
    ),
    order="expected_on, purchase_no",
    where={},
)

AWAY = RowSet(
    name="away",
    tables=("core.fct_attendance", "core.dim_employee"),
    select="""
        select away.*, people.name as person_name, people.department_name
        from core.fct_attendance as away
        left join core.dim_employee as people on people.employee_no = away.employee_no and people.is_current
        where away.is_working_day and away.kind is distinct from 'present'
            and away.status is distinct from 'cancelled'""",
    columns=(
        Column("employee_no", record="person"),
        Column("person_name"),
        Column("department_name"),
        Column("on_date", "date"),
        Column("kind", words="away_kind"),
        Column("hours", "hours"),
    ),
    order="on_date, employee_no, attendance_no",
    where={
        "since": "on_date >= $since",
        "until": "on_date <= $until",
        "kind": "kind = $kind",
        "person": "employee_no = $person",
        "part": "department_no = $part",
    },
    filters=(SINCE, UNTIL, Filter("kind", "code"), Filter("person", "code"), Filter("part", "code")),
)

ROWS = (RUNNING_OUT, WAITING, PRODUCTION, STOCK_OUTS, PURCHASES, AWAY)
