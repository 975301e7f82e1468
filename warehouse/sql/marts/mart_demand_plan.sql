-- one row per month to plan for: the next full one
-- · from planning, dim_item, dim_exchange_rate · read by the forecasts flow
with forecasts as (select * from planning.forecast where series_kind = 'demand_item' and is_forecast),
items as (select * from core.dim_item where is_current),
rates as (select * from core.dim_exchange_rate),
build as (select * from staging.build),
lines as (
    select
        cast(forecasts.period_on as date) as month_on,
        forecasts.series_key as item_no,
        cast(ceil(forecasts.forecast) as decimal(18, 4)) as quantity,
        -- a month ahead has no rate of its own yet: that of the day it is planned
        items.standard_cost * rates.rate as unit_cost
    from forecasts
    join items on items.item_no = forecasts.series_key
    cross join build
    left join rates on rates.currency = items.currency and rates.on_date = build.as_on
    where cast(forecasts.period_on as date)
        = cast(date_trunc('month', build.as_on + interval 1 month) as date)
        and forecasts.forecast > 0
)
select
    'PLAN-' || strftime(lines.month_on, '%Y-%m') as plan_no,
    lines.month_on,
    count(*) as items,
    cast(sum(lines.quantity) as decimal(18, 4)) as quantity,
    -- a cost whose rate nobody knows makes the sum unknown, and no smaller
    case when count(*) = count(lines.unit_cost) then cast(
        round(sum(cast(lines.quantity as decimal(38, 4)) * lines.unit_cost), 4) as decimal(18, 4)
    ) end as amount,
    any_value(build.currency) as currency,
    any_value(build.as_of) as as_of,
    '{"month_on": "' || cast(lines.month_on as varchar) || '", "lines": ['
        || string_agg(
            '{"item_no": "' || lines.item_no || '", "quantity": "' || cast(lines.quantity as varchar) || '"}',
            ', ' order by lines.item_no
        ) || ']}' as plan_lines
from lines
cross join build
group by lines.month_on
order by lines.month_on
