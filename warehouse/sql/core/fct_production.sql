-- one row per production order · from erp.production_orders · read by mart_supply, fct_process_event
-- made anew by production_no:
--  staging.erp_production_orders
--  core.fct_order through core.fct_production on sales_order_no
--  time while done_at is null
with production as (select * from staging.erp_production_orders),
orders as (select * from core.fct_order),
company as (select * from staging.company),
today as (select * from staging.today)
select
    production.production_no,
    production.plan_key,
    production.sales_order_no,
    orders.order_key,
    production.item_no,
    production.quantity,
    production.bom_level,
    production.starts_on,
    production.due_on,
    production.status,
    production.done_at,
    case
        when production.status = 'cancelled' then 0
        else greatest(
            0,
            date_diff(
                'day',
                production.due_on,
                coalesce(cast(production.done_at at time zone company.timezone as date), today.as_on)
            )
        )
    end as days_late
from production
cross join company
cross join today
left join orders on orders.sales_order_no = production.sales_order_no
