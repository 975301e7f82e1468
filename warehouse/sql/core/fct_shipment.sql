-- one row per shipment
-- · from erp.shipments, erp.shipment_lines · read by mart_handoff_gaps, fct_process_event
-- made anew by shipment_no:
--  staging.erp_shipments
--  staging.erp_shipment_lines
--  core.fct_order through core.fct_shipment on sales_order_no
with shipments as (select * from staging.erp_shipments),
lines as (select * from staging.erp_shipment_lines),
orders as (select * from core.fct_order),
company as (select * from staging.company),
goods as (
    select shipment_no, count(*) as lines, sum(quantity) as quantity from lines group by shipment_no
)
select
    shipments.shipment_no,
    shipments.sales_order_no,
    orders.order_key,
    orders.account_no,
    shipments.status,
    shipments.requested_at,
    shipments.shipped_at,
    coalesce(goods.lines, 0) as lines,
    cast(coalesce(goods.quantity, 0) as decimal(18, 4)) as quantity,
    case when orders.promised_on is not null and shipments.shipped_at is not null then
        cast(shipments.shipped_at at time zone company.timezone as date) > orders.promised_on
    end as is_late
from shipments
cross join company
left join goods on goods.shipment_no = shipments.shipment_no
left join orders on orders.sales_order_no = shipments.sales_order_no
