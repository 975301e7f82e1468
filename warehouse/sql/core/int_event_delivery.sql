-- one row per event of a payment, shipment or production order and object it is about
-- · from payments, shipments, production, hub.links · read by int_event
-- made anew by document_no:
--  core.fct_payment as payment_no
--  core.fct_shipment as shipment_no
--  staging.erp_shipments as shipment_no
--  core.fct_production as production_no
--  staging.erp_production_orders as production_no
--  staging.hub_links through core.fct_production as production_no on plan_key = target_key
with payments as (select * from core.fct_payment),
shipments as (select * from core.fct_shipment),
erp_shipments as (select * from staging.erp_shipments),
production as (select * from core.fct_production),
erp_production as (select * from staging.erp_production_orders),
links as (select * from staging.hub_links where target_stream = 'erp.production_orders'),
events as (
    select
        payment_no || ':recorded' as event_no, 'payment recorded' as kind, recorded_at as happened_at,
        recorded_by_no as actor_no, channel, 'payment' as own_type, payment_no as own_no, order_key
    from payments
    union all
    select
        shipment_no || ':requested', 'shipment requested', requested_at, null, 'system',
        'shipment', shipment_no, order_key
    from shipments
    union all
    select
        shipment_no || ':shipped', 'goods shipped', shipped_at, null, 'system',
        'shipment', shipment_no, order_key
    from shipments
    union all
    select
        shipments.shipment_no || ':shipment refused', 'shipment refused', erp_shipments.updated_at, null,
        'system', 'shipment', shipments.shipment_no, shipments.order_key
    from shipments
    join erp_shipments on erp_shipments.shipment_no = shipments.shipment_no
    where erp_shipments.status = 'refused'
    union all
    select
        production.production_no || ':planned', 'production planned', min(links.written_at), null, 'system',
        'production', production.production_no, production.order_key
    from production
    join links on links.target_key = production.plan_key
    group by production.production_no, production.order_key
    union all
    select
        production_no || ':done', 'production done', done_at, null, 'system',
        'production', production_no, order_key
    from production
    union all
    -- the ERP keeps no hour of its own for these: its row changed last when it said so
    select
        production.production_no || ':production ' || production.status, 'production ' || production.status,
        erp_production.updated_at, null, 'system', 'production', production.production_no,
        production.order_key
    from production
    join erp_production on erp_production.production_no = production.production_no
    where production.status in ('released', 'cancelled')
),
about as (
    select event_no, kind, happened_at, actor_no, channel, own_type as object_type, own_no as object_no,
        own_no as document_no
    from events
    union all
    select event_no, kind, happened_at, actor_no, channel, 'order', order_key, own_no from events
)
select
    event_no, kind, 0 as round_no, kind as activity, happened_at, actor_no, 'erp' as system, channel,
    object_type, object_no, document_no
from about
where object_no is not null and happened_at is not null
