-- one row per lead that became an order: its first · from fct_order · read by mart_lead_to_cash
-- made anew by lead_no:
--  core.fct_order
with orders as (select * from core.fct_order),
ranked as (
    select
        lead_no,
        order_key,
        row_number() over (partition by lead_no order by ordered_at, order_key) as position
    from orders
    where lead_no is not null
)
select lead_no, order_key
from ranked
where position = 1
