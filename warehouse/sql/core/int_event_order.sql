-- one row per event of an order and object it is about
-- · from orders of CRM and ERP, requests about them · read by int_event
-- made anew by document_no:
--  core.fct_order as order_key
--  staging.crm_orders as order_no
--  staging.erp_sales_orders as coalesce(crm_order_no, sales_order_no)
--  core.fct_approval through core.fct_order as order_key on order_no = source_key
with orders as (select * from core.fct_order),
crm_orders as (select * from staging.crm_orders),
sales as (select * from staging.erp_sales_orders),
requests as (select * from core.fct_approval),
entered as (
    select
        orders.order_no || ':ordered' as event_no,
        -- of a cancelled order what followed says whether it had been confirmed
        case
            when crm_orders.status = 'confirmed' or orders.sales_order_no is not null
                or coalesce(crm_orders.approval_status, 'none') <> 'none' then 'order confirmed'
            else 'order drafted'
        end as kind,
        crm_orders.ordered_at as happened_at,
        crm_orders.owner_no as actor_no,
        'crm' as system,
        'system' as channel,
        orders.order_key,
        orders.lead_no
    from orders
    join crm_orders on crm_orders.order_no = orders.order_no
    union all
    select
        orders.order_no || ':order cancelled', 'order cancelled',
        greatest(crm_orders.updated_at, crm_orders.ordered_at), null, 'crm', 'system', orders.order_key,
        orders.lead_no
    from orders
    join crm_orders on crm_orders.order_no = orders.order_no
    where crm_orders.status = 'cancelled'
),
approved as (
    select source_key, max(decided_at) as decided_at
    from requests
    where source_stream = 'crm.orders' and status = 'approved'
    group by source_key
),
booked as (
    -- an order that waits for an approval is booked after it, whenever the customer ordered
    select
        orders.sales_order_no || ':booked' as event_no, 'order booked' as kind,
        greatest(orders.booked_at, coalesce(approved.decided_at, orders.booked_at)) as happened_at,
        orders.channel, orders.order_key
    from orders
    left join approved on approved.source_key = orders.order_no
    where orders.sales_order_no is not null and orders.sales_status not in ('requested', 'refused')
    union all
    -- the ERP keeps no hour of its own for these: its order changed last when it said so
    select
        orders.sales_order_no || ':booking ' || sales.status, 'booking ' || sales.status,
        greatest(sales.updated_at, sales.ordered_at), orders.channel, orders.order_key
    from orders
    join sales on sales.sales_order_no = orders.sales_order_no
    where sales.status in ('refused', 'cancelled')
),
events as (
    select
        event_no, kind, happened_at, actor_no, system, channel, 'order' as object_type,
        order_key as object_no, order_key as document_no
    from entered
    union all
    select event_no, kind, happened_at, actor_no, system, channel, 'lead', lead_no, order_key from entered
    union all
    select event_no, kind, happened_at, null, 'erp', channel, 'order', order_key, order_key from booked
)
select
    event_no, kind, 0 as round_no, kind as activity, happened_at, actor_no, system, channel, object_type,
    object_no, document_no
from events
where object_no is not null and happened_at is not null
