"""The rows behind the numbers and sentences of the morning page: orders, money, decisions, leads.

Each set has the rows that its number is counted from and no others, so that a sum over them is the number.
"""

from __future__ import annotations

from reports.filters import Filter
from reports.pages import late_orders
from reports.pages.today import TODAY
from reports.rows import Column, RowSet

_NAMES = "(select account_no as no, name as account_name from core.dim_customer where is_current)"
_ORDER_COLUMNS = (
    Column("order_key", record="order"),
    Column("account_name"),
    Column("account_no", record="account"),
    Column("owner_no", record="person"),
    Column("state", words="state"),
)
SINCE, UNTIL, DAYS = Filter("since", "date"), Filter("until", "date"), Filter("days", "days")

REVENUE = RowSet(
    name="revenue",
    tables=("core.fct_order_line", "core.fct_order", "core.dim_customer"),
    select=f"""
        select lines.*, customers.account_name, orders.account_country as country, orders.owner_no
        from core.fct_order_line as lines
        join core.fct_order as orders on orders.order_key = lines.order_key
        left join {_NAMES} as customers on customers.no = lines.account_no
        where lines.is_revenue""",
    columns=(
        Column("order_line_no"),
        Column("order_key", record="order"),
        Column("ordered_on", "date"),
        Column("account_name"),
        Column("account_no", record="account"),
        Column("country"),
        Column("item_no", record="item"),
        Column("item_category"),
        Column("quantity", "decimal"),
        Column("amount", "money"),
    ),
    order="ordered_on desc, order_line_no",
    where={
        "since": "ordered_on >= $since",
        "until": "ordered_on <= $until",
        "category": "item_category = $category",
        "country": "country = $country",
        "account": "account_no = $account",
        "owner": "owner_no = $owner",
    },
    filters=(
        SINCE,
        UNTIL,
        Filter("category", "text"),
        Filter("country", "code"),
        Filter("account", "code"),
        Filter("owner", "code"),
    ),
)

OPEN_ORDERS = RowSet(
    name="open-orders",
    tables=("core.fct_order", "core.dim_customer"),
    select=f"""
        select orders.*, customers.account_name
        from core.fct_order as orders
        left join {_NAMES} as customers on customers.no = orders.account_no
        where orders.is_revenue and orders.state not in ('shipped', 'cancelled', 'refused')""",
    columns=(
        *_ORDER_COLUMNS,
        Column("ordered_on", "date"),
        Column("promised_on", "date"),
        Column("is_waiting_for_stock", words="yes_no"),
        Column("amount", "money"),
    ),
    order="promised_on nulls last, order_key",
    where={
        "owner": "owner_no = $owner",
        "account": "account_no = $account",
    },
    filters=(Filter("owner", "code"), Filter("account", "code")),
)

# Late orders for those who see neither purchases nor stock; `late-orders` looks further.
LATE_OWN = RowSet(
    name="late-own",
    tables=late_orders.TABLES,
    select=f"""
        select late.*, customers.account_name
        from ({late_orders.CAUSED}) as late
        left join {_NAMES} as customers on customers.no = late.account_no""",
    columns=(
        *_ORDER_COLUMNS,
        Column("wanted_on", "date"),
        Column("days_late", "integer"),
        Column("amount", "money"),
        Column("cause", words="cause"),
    ),
    order="days_late desc, order_key",
    where={},
)

OVERDUE = RowSet(
    name="overdue",
    tables=("core.fct_order", "core.dim_customer"),
    select=f"""
        select orders.*, customers.account_name, today.on_date - orders.due_on as days_overdue
        from core.fct_order as orders
        join ({TODAY}) as today on orders.due_on < today.on_date
        left join {_NAMES} as customers on customers.no = orders.account_no
        where orders.open_amount > 0""",
    columns=(
        *_ORDER_COLUMNS,
        Column("due_on", "date"),
        Column("days_overdue", "days"),
        Column("paid_amount", "money"),
        Column("open_amount", "money"),
    ),
    order="open_amount desc, order_key",
    where={"owner": "owner_no = $owner", "account": "account_no = $account"},
    filters=(Filter("owner", "code"), Filter("account", "code")),
)

CLOSED_LEADS = RowSet(
    name="decided-leads",
    tables=("core.fct_lead", "core.dim_employee"),
    select="""
        select leads.*, owner.name as owner_name, publication.as_of
        from core.fct_lead as leads
        cross join marts.mart_publication as publication
        left join core.dim_employee as owner on owner.employee_no = leads.owner_no and owner.is_current
        where leads.is_closed and leads.closed_at <= publication.as_of""",
    columns=(
        Column("lead_no", record="lead"),
        Column("company_name"),
        Column("account_no", record="account"),
        Column("owner_name"),
        Column("stage", words="stage"),
        Column("created_on", "date"),
        Column("closed_at", "instant"),
        Column("age_days", "days"),
        Column("expected_amount", "money"),
    ),
    order="closed_at desc, lead_no",
    where={
        "days": "closed_at > as_of - to_days(cast($days as integer))",
        "stage": "stage = $stage",
        "owner": "owner_no = $owner",
    },
    filters=(DAYS, Filter("stage", "code"), Filter("owner", "code")),
)

ROWS = (REVENUE, OPEN_ORDERS, LATE_OWN, OVERDUE, CLOSED_LEADS)
