-- one row per number of the people who make and send the goods
-- · from mart_supply, fct_order, fct_production, fct_stock_daily, fct_purchase · read by reports.numbers
with supply as (select * from marts.mart_supply),
orders as (select * from core.fct_order),
production as (
    select *, cast(done_at at time zone $zone as date) as done_on
    from core.fct_production
    where status <> 'cancelled'
),
stock as (select * from core.fct_stock_daily where on_date > cast($as_on as date) - 60),
purchases as (select * from core.fct_purchase where status not in ('draft', 'cancelled')),
figures as (
    select
        'items_running_out' as metric,
        count(case when runs_out_on <= cast($as_on as date) + 14 then 1 end) as value,
        null as previous_value
    from supply
    union all
    select 'orders_waiting_for_stock', count(case when is_waiting_for_stock then 1 end), null
    from orders
    where state not in ('shipped', 'cancelled', 'refused')
    union all
    select
        'late_production',
        count(case when done_at is null and due_on < cast($as_on as date) then 1 end),
        count(case
            when due_on < cast($as_on as date) - 30 and (done_on is null or done_on > cast($as_on as date) - 30)
            then 1
        end)
    from production
    union all
    select
        'production_due_this_week',
        count(case when date_trunc('week', due_on) = date_trunc('week', cast($as_on as date)) then 1 end),
        count(case when date_trunc('week', due_on) = date_trunc('week', cast($as_on as date)) - interval 7 day
            then 1
        end)
    from production
    union all
    select
        'stock_outs_30d',
        count(distinct case when is_stock_out and on_date > cast($as_on as date) - 30 then item_no end),
        count(distinct case when is_stock_out and on_date <= cast($as_on as date) - 30 then item_no end)
    from stock
    union all
    select
        'purchases_overdue',
        count(case when received_on is null and expected_on < cast($as_on as date) then 1 end),
        count(case
            when ordered_on <= cast($as_on as date) - 30 and expected_on < cast($as_on as date) - 30
                and (received_on is null or received_on > cast($as_on as date) - 30)
            then 1
        end)
    from purchases
)
select
    metric,
    cast(value as decimal(18, 4)) as value,
    cast(previous_value as decimal(18, 4)) as previous_value
from figures
