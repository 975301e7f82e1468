-- one row per delivery event and object it is about
-- · from payments, shipments, production · read by fct_process_event
with payments as (select * from core.fct_payment),
shipments as (select * from core.fct_shipment),
production as (select * from core.fct_production),
events as (
    select
        payment_no as event_no, 'payment recorded' as activity, recorded_at as happened_at,
        recorded_by_no as actor_no, channel, 'payment' as object_type, payment_no as object_no, order_key
    from payments
    union all
    select
        shipment_no || ':requested', 'shipment requested', requested_at, cast(null as varchar), 'system',
        'shipment', shipment_no, order_key
    from shipments
    union all
    select
        shipment_no || ':shipped', 'goods shipped', shipped_at, cast(null as varchar), 'system',
        'shipment', shipment_no, order_key
    from shipments
    where shipped_at is not null
    union all
    select
        production_no || ':done', 'production done', done_at, cast(null as varchar), 'system',
        cast(null as varchar), cast(null as varchar), order_key
    from production
    where done_at is not null
)
select event_no, activity, happened_at, actor_no, 'erp' as system, channel, object_type, object_no
from events
where object_no is not null
union all
select event_no, activity, happened_at, actor_no, 'erp', channel, 'order', order_key
from events
where order_key is not null
