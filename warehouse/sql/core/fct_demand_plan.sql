-- one row per item and month that was planned for
-- · from erp.demand_plan, what was ordered since · read by supply questions
with plans as (select * from staging.erp_demand_plan),
lines as (select * from core.fct_order_line where is_revenue),
items as (select * from core.dim_item where is_current),
rates as (select * from core.dim_exchange_rate),
build as (select * from staging.company),
ordered as (
    select item_no, cast(date_trunc('month', ordered_on) as date) as month_on, sum(quantity) as quantity
    from lines
    group by item_no, cast(date_trunc('month', ordered_on) as date)
)
select
    plans.demand_plan_no,
    plans.item_no,
    plans.month_on,
    plans.request_no,
    plans.planned_quantity,
    cast(coalesce(ordered.quantity, 0) as decimal(18, 4)) as ordered_quantity,
    cast(plans.planned_quantity - coalesce(ordered.quantity, 0) as decimal(18, 4)) as open_quantity,
    plans.share_of_year,
    cast(round(
        cast(plans.planned_quantity as decimal(38, 4)) * items.standard_cost * rates.rate, 4
    ) as decimal(18, 4)) as amount,
    build.currency
from plans
cross join build
left join items on items.item_no = plans.item_no
left join ordered on ordered.item_no = plans.item_no and ordered.month_on = plans.month_on
-- a month ahead has no rate of its own yet: that of the day it was planned
left join rates
    on rates.currency = items.currency
    and rates.on_date = least(plans.month_on, cast(plans.updated_at at time zone build.timezone as date))
order by plans.demand_plan_no
