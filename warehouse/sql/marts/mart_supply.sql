-- one row per item in stock or planned
-- · from erp.stock, fct_stock_daily, fct_production, planning · read by the report's supply page
with items as (select * from core.dim_item where is_current),
stock as (select * from staging.erp_stock),
daily as (select * from core.fct_stock_daily),
production as (select * from core.fct_production),
forecasts as (select * from planning.forecast where series_kind = 'demand_item' and is_forecast),
build as (select * from staging.build),
used as (
    select daily.item_no, sum(daily.issued_quantity) as quantity
    from daily
    cross join build
    where daily.on_date > build.as_on - 90
    group by daily.item_no
),
-- the first full month ahead; without a forecast, a third of what left in the last 90 days
next_month as (
    select forecasts.series_key as item_no, max(cast(forecasts.forecast as decimal(18, 4))) as quantity
    from forecasts
    cross join build
    where cast(forecasts.period_on as date)
        = cast(date_trunc('month', build.as_on + interval 1 month) as date)
    group by forecasts.series_key
),
late as (
    select item_no, count(*) as orders
    from production
    where days_late > 0 and status in ('requested', 'released')
    group by item_no
),
levels as (
    select
        items.item_no, items.name as item_name, items.category, items.kind, items.unit, items.min_stock,
        items.lead_time_days,
        coalesce(stock.on_hand, 0) as on_hand,
        coalesce(stock.reserved, 0) as reserved,
        coalesce(stock.on_hand, 0) - coalesce(stock.reserved, 0) as available,
        cast(greatest(0, coalesce(next_month.quantity, round(coalesce(used.quantity, 0) / 3, 4)))
            as decimal(18, 4)) as monthly_demand,
        coalesce(late.orders, 0) as late_orders
    from items
    left join stock on stock.item_no = items.item_no
    left join used on used.item_no = items.item_no
    left join next_month on next_month.item_no = items.item_no
    left join late on late.item_no = items.item_no
),
covered as (
    select
        *,
        case when monthly_demand > 0
            then cast(floor(greatest(0, available) * 30 / monthly_demand) as bigint) end as days_of_cover
    from levels
)
select
    covered.item_no, covered.item_name, covered.category, covered.kind, covered.unit,
    cast(covered.on_hand as decimal(18, 4)) as on_hand,
    cast(covered.reserved as decimal(18, 4)) as reserved,
    cast(covered.available as decimal(18, 4)) as available,
    covered.monthly_demand,
    covered.days_of_cover,
    -- further than ten years is never
    case when covered.days_of_cover < 3650
        then build.as_on + cast(covered.days_of_cover as integer) end as runs_out_on,
    covered.min_stock,
    covered.lead_time_days,
    cast(greatest(0, ceil(
        covered.monthly_demand * covered.lead_time_days / 30 + covered.min_stock - covered.available
    )) as decimal(18, 4)) as suggested_quantity,
    covered.late_orders
from covered
cross join build
order by covered.item_no
