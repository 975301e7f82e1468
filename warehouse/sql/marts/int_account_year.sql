-- one row per account and moment (today, a year ago): its revenue around it
-- · from fct_order · read by mart_customer_value
with orders as (select * from core.fct_order where is_revenue and account_no is not null),
build as (select * from staging.build),
moments as (
    select 'now' as moment, as_on as at_on from build
    union all
    select 'year_ago', as_on - 365 from build
),
around as (
    select
        moments.moment,
        moments.at_on,
        orders.account_no,
        max(case when orders.ordered_on <= moments.at_on then orders.ordered_on end) as last_order_on,
        min(orders.ordered_on) as first_order_on,
        sum(case when orders.ordered_on > moments.at_on - 365 and orders.ordered_on <= moments.at_on
            then orders.amount else 0 end) as year_before_amount,
        sum(case when orders.ordered_on > moments.at_on and orders.ordered_on <= moments.at_on + 365
            then orders.amount else 0 end) as year_after_amount
    from orders
    cross join moments
    group by moments.moment, moments.at_on, orders.account_no
)
select
    moment,
    account_no,
    first_order_on,
    last_order_on,
    date_diff('day', last_order_on, at_on) as days_since_order,
    cast(year_before_amount as decimal(18, 4)) as year_before_amount,
    cast(year_after_amount as decimal(18, 4)) as year_after_amount,
    case
        when date_diff('day', last_order_on, at_on) <= 90 then 'active'
        when date_diff('day', last_order_on, at_on) <= 180 then 'quiet'
        when date_diff('day', last_order_on, at_on) <= 365 then 'at_risk'
        else 'lost'
    end as recency
from around
where last_order_on is not null
