-- one row per metric about orders and money owed
-- · from fct_order, fct_order_line, fct_payment · read by mart_metric
with lines as (select * from core.fct_order_line where is_revenue),
orders as (select * from core.fct_order),
payments as (select * from core.fct_payment),
build as (select * from staging.build),
revenue as (
    select
        'revenue_30d' as metric,
        sum(case when lines.ordered_on > build.as_on - 30 then lines.amount else 0 end) as value,
        sum(case when lines.ordered_on <= build.as_on - 30 then lines.amount else 0 end) as previous_value
    from lines
    cross join build
    where lines.ordered_on > build.as_on - 60 and lines.ordered_on <= build.as_on
),
shipped as (
    select orders.*, cast(orders.shipped_at at time zone build.timezone as date) as shipped_on
    from orders
    cross join build
    where orders.is_revenue
),
open_orders as (
    select
        'open_orders' as metric,
        sum(case when shipped.state not in ('shipped', 'cancelled', 'refused') then shipped.amount else 0 end)
            as value,
        sum(case
            when shipped.state not in ('cancelled', 'refused') and shipped.ordered_on <= build.as_on - 30
                and (shipped.state <> 'shipped' or shipped.shipped_on > build.as_on - 30)
            then shipped.amount else 0
        end) as previous_value
    from shipped
    cross join build
),
-- what was paid in the last 30 days was still owed before them
paid_lately as (
    select payments.order_key, sum(payments.amount) as amount
    from payments
    cross join build
    where payments.paid_on > build.as_on - 30
    group by payments.order_key
),
overdue as (
    select
        'overdue_receivables' as metric,
        sum(case when orders.due_on < build.as_on then orders.open_amount else 0 end) as value,
        sum(case when orders.due_on < build.as_on - 30
            then least(orders.receivable_amount, orders.open_amount + coalesce(paid_lately.amount, 0)) else 0
        end) as previous_value
    from orders
    cross join build
    left join paid_lately on paid_lately.order_key = orders.order_key
    where orders.due_on is not null
),
figures as (
    select * from revenue
    union all
    select * from open_orders
    union all
    select * from overdue
)
select
    metric,
    cast(coalesce(value, 0) as decimal(18, 4)) as value,
    cast(coalesce(previous_value, 0) as decimal(18, 4)) as previous_value
from figures
