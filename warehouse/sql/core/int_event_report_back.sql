-- one row per sales order or shipment of which the hub told the CRM, at the last time it did
-- · from hub.links, crm.orders · read by int_event
-- made anew by document_no:
--  core.fct_order as order_key
--  staging.crm_orders as order_no
--  staging.hub_links as target_key
with links as (select * from staging.hub_links where target_stream = 'crm.orders'),
crm_orders as (select * from staging.crm_orders),
orders as (select * from core.fct_order)
select
    orders.order_no || ':told:' || links.source_key as event_no,
    'crm told' as kind,
    0 as round_no,
    'crm told' as activity,
    max(links.written_at) as happened_at,
    cast(null as varchar) as actor_no,
    'crm' as system,
    'system' as channel,
    'order' as object_type,
    orders.order_key as object_no,
    orders.order_key as document_no
from links
join orders on orders.order_no = links.target_key
join crm_orders on crm_orders.order_no = orders.order_no
where links.source_stream in ('erp.sales_orders', 'erp.shipments')
    and crm_orders.fulfilment is not null
    -- the hub also links what it found as it should be: it told if the CRM's order changed then or later
    and crm_orders.updated_at >= links.written_at - interval 10 second
group by orders.order_no, links.source_key, orders.order_key
