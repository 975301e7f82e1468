-- one row per gap and lead, order, payment, shipment or production order behind it
-- · from int_gap_object, the facts · read by mart_gap_record
with objects as (select * from marts.int_gap_object),
leads as (select * from core.fct_lead),
orders as (select * from core.fct_order),
payments as (select * from core.fct_payment),
shipments as (select * from core.fct_shipment),
production as (select * from core.fct_production)
select
    objects.gap_key, 'crm.leads' as stream, leads.lead_no as record_key, 'lead' as role,
    coalesce(leads.closed_at, leads.created_at) as happened_at,
    coalesce(leads.won_amount, leads.expected_amount) as amount, leads.stage as says
from objects
join leads on leads.lead_no = objects.object_no and objects.object_type = 'lead'
union all
select
    objects.gap_key, 'crm.orders', orders.order_no, 'order', orders.ordered_at, orders.amount,
    concat_ws(', ', orders.order_status, 'approval ' || orders.approval_status, orders.fulfilment)
from objects
join orders on orders.order_key = objects.object_no and objects.object_type = 'order'
where orders.order_no is not null
union all
select
    objects.gap_key, 'erp.sales_orders', orders.sales_order_no, 'sales order', orders.booked_at,
    orders.amount,
    concat_ws(', ', orders.sales_status, orders.payment_status,
        case when orders.channel = 'paper' then 'paper' end)
from objects
join orders on orders.order_key = objects.object_no and objects.object_type = 'order'
where orders.sales_order_no is not null
union all
select
    objects.gap_key, 'erp.payments', payments.payment_no, 'payment', payments.recorded_at, payments.amount,
    payments.channel
from objects
join payments on payments.order_key = objects.object_no and objects.object_type = 'order'
union all
select
    objects.gap_key, 'erp.shipments', shipments.shipment_no, 'shipment',
    coalesce(shipments.shipped_at, shipments.requested_at), cast(null as decimal(18, 4)), shipments.status
from objects
join shipments on shipments.order_key = objects.object_no and objects.object_type = 'order'
union all
select
    objects.gap_key, 'erp.production_orders', production.production_no, 'production', production.done_at,
    cast(null as decimal(18, 4)),
    concat_ws(', ', production.status, 'needed by ' || cast(production.due_on as varchar))
from objects
join production on production.order_key = objects.object_no and objects.object_type = 'order'
