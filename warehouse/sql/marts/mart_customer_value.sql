-- one row per account
-- · from dim_customer, fct_order · read by the report's customers page, the forecasts flow
with customers as (select * from core.dim_customer where is_current),
orders as (select * from core.fct_order where account_no is not null),
years as (select * from marts.int_account_year),
build as (select * from staging.build),
sums as (
    select
        orders.account_no,
        cast(sum(case when orders.is_revenue then 1 else 0 end) as bigint) as orders,
        sum(case when orders.is_revenue then orders.amount else 0 end) as revenue_amount,
        sum(coalesce(orders.open_amount, 0)) as open_amount,
        sum(case when orders.due_on < build.as_on then coalesce(orders.open_amount, 0) else 0 end)
            as overdue_amount
    from orders
    cross join build
    group by orders.account_no
),
-- what customers that bought as long ago then bought in the following year, per unit of their year before
kept as (
    select
        recency,
        cast(round(
            cast(sum(year_after_amount) as double) / nullif(cast(sum(year_before_amount) as double), 0), 4
        ) as decimal(18, 4)) as kept_rate
    from years
    where moment = 'year_ago'
    group by recency
),
valued as (
    select
        customers.*, sums.orders, sums.revenue_amount, sums.open_amount, sums.overdue_amount,
        years.year_before_amount, years.first_order_on, years.last_order_on, years.days_since_order,
        years.recency,
        coalesce(kept.kept_rate, case when years.recency = 'lost' then 0 else 1 end) as kept_rate,
        percent_rank() over (order by coalesce(years.year_before_amount, 0)) as place
    from customers
    left join sums on sums.account_no = customers.account_no
    left join years on years.account_no = customers.account_no and years.moment = 'now'
    left join kept on kept.recency = years.recency
)
select
    valued.account_no,
    valued.name as account_name,
    valued.owner_no,
    valued.status,
    coalesce(valued.orders, 0) as orders,
    cast(coalesce(valued.revenue_amount, 0) as decimal(18, 4)) as revenue_amount,
    cast(coalesce(valued.year_before_amount, 0) as decimal(18, 4)) as revenue_12m_amount,
    valued.last_order_on,
    valued.days_since_order,
    cast(coalesce(valued.open_amount, 0) as decimal(18, 4)) as open_amount,
    cast(coalesce(valued.overdue_amount, 0) as decimal(18, 4)) as overdue_amount,
    cast(coalesce(
        round(cast(valued.year_before_amount as decimal(38, 4)) * valued.kept_rate, 0), 0
    ) as decimal(18, 4)) as score,
    build.as_on as score_on,
    case
        when valued.last_order_on is null then 'prospect'
        when valued.recency in ('active', 'quiet') and valued.first_order_on > build.as_on - 180 then 'new'
        when valued.recency in ('active', 'quiet') and valued.place >= 0.8 then 'key'
        else valued.recency
    end as segment,
    build.currency
from valued
cross join build
order by valued.account_no
