-- one row per month to plan for: the next full one · from planning, dim_item · read by the forecasts flow
with forecasts as (select * from planning.forecast where series_kind = 'demand_item' and is_forecast),
items as (select * from core.dim_item where is_current),
build as (select * from staging.build),
lines as (
    select
        cast(forecasts.period_on as date) as month_on,
        forecasts.series_key as item_no,
        cast(ceil(forecasts.forecast) as decimal(18, 4)) as quantity,
        items.standard_cost
    from forecasts
    join items on items.item_no = forecasts.series_key
    cross join build
    where cast(forecasts.period_on as date)
        = cast(date_trunc('month', build.as_on + interval 1 month) as date)
        and forecasts.forecast > 0
)
select
    'PLAN-' || strftime(lines.month_on, '%Y-%m') as plan_no,
    lines.month_on,
    count(*) as items,
    cast(sum(lines.quantity) as decimal(18, 4)) as quantity,
    cast(sum(cast(lines.quantity as decimal(38, 4)) * lines.standard_cost) as decimal(18, 4)) as amount,
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
