"""The rows behind the page supply: months, forecasts, weeks of cash, items, late orders, purchases."""

from __future__ import annotations

from reports.filters import ITEM, Filter
from reports.pages import supply_late, supply_stock
from reports.pages.late_orders import CAUSES
from reports.pages.today import TODAY
from reports.rows import Column, RowSet

_YES = ("yes",)

SALES_MONTHS = RowSet(
    name="sales-months",
    tables=("marts.mart_sales",),
    select="select * from marts.mart_sales",
    columns=(
        Column("month_on", "date"), Column("item_no", record="item"), Column("item_name"),
        Column("category"), Column("orders", "integer"), Column("quantity", "decimal"),
        Column("revenue_amount", "money"),
    ),
    order="month_on desc, revenue_amount desc, item_no",
    where={"item": "item_no = $item", "month": "month_on = $month", "since": "month_on >= $since"},
    filters=(ITEM, Filter("month", "date"), Filter("since", "date")),
)  # fmt: skip
FORECAST = RowSet(
    name="forecast",
    tables=("marts.mart_forecast",),
    select="select * from marts.mart_forecast",
    columns=(
        Column("series_kind", words="series"), Column("series_key"), Column("period_on", "date"),
        Column("actual", "decimal"), Column("forecast", "decimal"), Column("lower_80", "decimal"),
        Column("upper_80", "decimal"), Column("naive", "decimal"), Column("model"),
        Column("model_error", "decimal"), Column("naive_error", "decimal"),
    ),
    order="series_kind, series_key, period_on desc",
    where={"kind": "series_kind = $kind", "series": "series_key = $series"},
    filters=(Filter("kind", "code", words="series"), Filter("series", "code")),
)  # fmt: skip
CASH_WEEKS = RowSet(
    name="cash-weeks",
    tables=("marts.mart_cash",),
    select="select * from marts.mart_cash",
    columns=(
        Column("week_on", "date"), Column("actual_in_amount", "money"), Column("expected_in_amount", "money"),
        Column("overdue_amount", "money"), Column("forecast_amount", "money"), Column("lower_80", "money"),
        Column("upper_80", "money"), Column("naive_amount", "money"),
    ),
    order="week_on desc",
    where={"since": "week_on >= $since"},
    filters=(Filter("since", "date"),),
)  # fmt: skip
# Each open invoice behind what is due and overdue.
RECEIVABLES = RowSet(
    name="receivables",
    tables=("core.fct_order", "core.dim_customer", "core.dim_employee", "core.dim_date"),
    select=f"""
        with today as ({TODAY})
        select orders.order_key, orders.account_no, customers.name as account_name,
            people.name as owner_name, orders.due_on, orders.amount, orders.paid_amount,
            orders.open_amount, orders.due_on < today.on_date as is_overdue
        from core.fct_order as orders
        cross join today
        left join core.dim_customer as customers
            on customers.account_no = orders.account_no and customers.is_current
        left join core.dim_employee as people
            on people.employee_no = orders.owner_no and people.is_current
        where orders.open_amount > 0""",
    columns=(
        Column("order_key", record="order"), Column("account_no", record="account"),
        Column("account_name"), Column("owner_name"), Column("due_on", "date"), Column("amount", "money"),
        Column("paid_amount", "money"), Column("open_amount", "money"),
    ),
    order="due_on, open_amount desc, order_key",
    where={"overdue": "is_overdue = ($overdue = 'yes')", "account": "account_no = $account"},
    filters=(Filter("overdue", "choice", choices=_YES, words="yes_no"), Filter("account", "code")),
)  # fmt: skip
ITEMS = RowSet(
    name="supply-items",
    tables=supply_stock.TABLES,
    select=supply_stock.STOCK,
    columns=(
        Column("item_no", record="item"), Column("item_name"), Column("kind", words="item_kind"),
        Column("on_hand", "decimal"), Column("reserved", "decimal"), Column("available", "decimal"),
        Column("monthly_demand", "decimal"), Column("days_of_cover", "integer"),
        Column("runs_out_on", "date"), Column("lead_time_days", "integer"), Column("order_by_on", "date"),
        Column("suggested_quantity", "decimal"), Column("under_way", "decimal"), Column("ready_on", "date"),
        Column("to_order", "decimal"), Column("supplier_name"), Column("expected_on", "date"),
    ),
    order="days_of_cover nulls last, item_no",
    where={
        "item": "item_no = $item",
        "soon": "is_soon = ($soon = 'yes')",
        "late": "is_too_late = ($late = 'yes') and to_order > 0",
    },
    filters=(
        ITEM, Filter("soon", "choice", choices=_YES, words="yes_no"),
        Filter("late", "choice", choices=_YES, words="yes_no"),
    ),
)  # fmt: skip
LATE_ORDERS = RowSet(
    name="late-orders",
    tables=supply_late.TABLES,
    select=supply_late.LATE,
    columns=(
        Column("order_key", record="order"), Column("account_no"), Column("wanted_on", "date"),
        Column("days_late", "integer"), Column("amount", "money"), Column("state", words="state"),
        Column("cause", words="cause"), Column("item_no", record="item"), Column("item_name"),
        Column("document_no"), Column("supplier_name"), Column("owner_name"),
    ),
    order="days_late desc, order_key",
    where={"cause": "cause = $cause", "item": supply_late.OF_ITEM},
    filters=(Filter("cause", "choice", choices=CAUSES), ITEM),
)  # fmt: skip
PURCHASES = RowSet(
    name="purchases",
    tables=("core.fct_purchase", "core.dim_supplier", "core.dim_date"),
    select=supply_stock.DELIVERIES,
    columns=(
        Column("purchase_no", record="purchase"), Column("supplier_no"), Column("supplier_name"),
        Column("status", words="purchase_status"), Column("ordered_on", "date"),
        Column("expected_on", "date"), Column("received_on", "date"), Column("days_late", "integer"),
        Column("lines", "integer"), Column("amount", "money"),
    ),
    order="ordered_on desc, purchase_no",
    where={
        "supplier": "supplier_no = $supplier",
        "judged": "is_judged = ($judged = 'yes')",
        "late": "is_late = ($late = 'yes')",
    },
    filters=(
        Filter("supplier", "code"), Filter("judged", "choice", choices=_YES, words="yes_no"),
        Filter("late", "choice", choices=_YES, words="yes_no"),
    ),
)  # fmt: skip
PRODUCTION = RowSet(
    name="production",
    tables=("core.fct_production", "core.dim_item"),
    select="""
        select production.*, items.name as item_name, production.days_late > 0
            and production.status in ('requested', 'released') as is_late
        from core.fct_production as production
        left join core.dim_item as items on items.item_no = production.item_no and items.is_current""",
    columns=(
        Column("production_no", record="production"), Column("order_key", record="order"),
        Column("item_no", record="item"), Column("item_name"), Column("quantity", "decimal"),
        Column("status", words="production_status"), Column("starts_on", "date"), Column("due_on", "date"),
        Column("done_at", "instant"), Column("days_late", "integer"),
    ),
    order="due_on desc, production_no",
    where={"item": "item_no = $item", "late": "is_late = ($late = 'yes')", "status": "status = $status"},
    filters=(ITEM, Filter("late", "choice", choices=_YES, words="yes_no"), Filter("status", "code")),
)  # fmt: skip
ROWS = (SALES_MONTHS, FORECAST, CASH_WEEKS, RECEIVABLES, ITEMS, LATE_ORDERS, PURCHASES, PRODUCTION)
