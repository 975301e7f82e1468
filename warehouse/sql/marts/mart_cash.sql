-- one row per week (Monday): money in, owed and expected
-- · from fct_payment, fct_order, planning · read by the report's cash page
with payments as (select * from core.fct_payment),
orders as (select * from core.fct_order where sales_order_no is not null),
forecasts as (select * from planning.forecast where series_kind = 'cash_in' and is_forecast),
build as (select * from staging.build),
received as (
    select cast(date_trunc('week', paid_on) as date) as week_on, sum(amount) as amount
    from payments
    group by cast(date_trunc('week', paid_on) as date)
),
owed as (
    select
        cast(date_trunc('week', orders.due_on) as date) as week_on,
        sum(orders.open_amount) as amount,
        sum(case when orders.due_on < build.as_on then orders.open_amount else 0 end) as overdue_amount
    from orders
    cross join build
    where orders.due_on is not null and orders.open_amount > 0
    group by cast(date_trunc('week', orders.due_on) as date)
),
ahead as (
    select
        cast(date_trunc('week', cast(period_on as date)) as date) as week_on,
        sum(cast(forecast as decimal(18, 4))) as forecast,
        sum(cast(lower_80 as decimal(18, 4))) as lower_80,
        sum(cast(upper_80 as decimal(18, 4))) as upper_80,
        sum(cast(naive as decimal(18, 4))) as naive
    from forecasts
    group by cast(date_trunc('week', cast(period_on as date)) as date)
),
weeks as (
    select week_on from received
    union
    select week_on from owed
    union
    select week_on from ahead
    union
    select cast(date_trunc('week', as_on) as date) from build
)
select
    weeks.week_on,
    cast(coalesce(received.amount, 0) as decimal(18, 4)) as actual_in_amount,
    cast(coalesce(owed.amount, 0) as decimal(18, 4)) as expected_in_amount,
    cast(ahead.forecast as decimal(18, 4)) as forecast_amount,
    cast(ahead.lower_80 as decimal(18, 4)) as lower_80,
    cast(ahead.upper_80 as decimal(18, 4)) as upper_80,
    cast(ahead.naive as decimal(18, 4)) as naive_amount,
    cast(coalesce(owed.overdue_amount, 0) as decimal(18, 4)) as overdue_amount,
    build.currency
from weeks
cross join build
left join received on received.week_on = weeks.week_on
left join owed on owed.week_on = weeks.week_on
left join ahead on ahead.week_on = weeks.week_on
order by weeks.week_on
