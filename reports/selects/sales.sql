-- one row per number about orders and money owed, of the rows that the viewer sees
-- · from fct_order, fct_order_line, fct_payment · read by reports.numbers, where mart_metric is not seen
with lines as (select * from core.fct_order_line where is_revenue),
orders as (select * from core.fct_order),
payments as (select * from core.fct_payment),
shipped as (
    select *, cast(shipped_at at time zone $zone as date) as shipped_on
    from orders
    where is_revenue
),
-- what was paid in the last 30 days was still owed before them
paid_lately as (
    select order_key, sum(amount) as amount
    from payments
    where paid_on > cast($as_on as date) - 30
    group by order_key
),
figures as (
    select
        'revenue_30d' as metric,
        sum(case when ordered_on > cast($as_on as date) - 30 then amount else 0 end) as value,
        sum(case when ordered_on <= cast($as_on as date) - 30 then amount else 0 end) as previous_value
    from lines
    where ordered_on > cast($as_on as date) - 60 and ordered_on <= cast($as_on as date)
    union all
    select
        'open_orders',
        sum(case when state not in ('shipped', 'cancelled', 'refused') then amount else 0 end),
        sum(case
            when state not in ('cancelled', 'refused') and ordered_on <= cast($as_on as date) - 30
                and (state <> 'shipped' or shipped_on > cast($as_on as date) - 30)
            then amount else 0
        end)
    from shipped
    union all
    select
        'overdue_receivables',
        sum(case when orders.due_on < cast($as_on as date) then orders.open_amount else 0 end),
        sum(case when orders.due_on < cast($as_on as date) - 30
            then least(orders.receivable_amount, orders.open_amount + coalesce(paid_lately.amount, 0)) else 0
        end)
    from orders
    left join paid_lately on paid_lately.order_key = orders.order_key
    where orders.due_on is not null
)
select
    metric,
    cast(coalesce(value, 0) as decimal(18, 4)) as value,
    cast(coalesce(previous_value, 0) as decimal(18, 4)) as previous_value
from figures
