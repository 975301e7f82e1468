-- one row per order whose money or goods went ahead of its papers: paid_not_shipped, shipped_crm_open
-- · from orders · read by mart_handoff_gaps
with orders as (select * from core.fct_order)
select
    'paid_not_shipped' as kind, 'erp' as from_system, 'erp' as to_system,
    'erp.sales_orders' as document_stream, sales_order_no as document_no, account_no,
    cast(null as varchar) as party_name, paid_amount as amount, coalesce(paid_at, booked_at) as since_at,
    owner_no,
    case
        when is_waiting_for_stock then 'Have production make or buy what is missing'
        when shipment_requested_at is null then 'Release the shipment'
        else 'Ship it'
    end as next_action
from orders
where payment_status = 'paid' and sales_status in ('open', 'planned') and shipped_at is null
union all
select
    'shipped_crm_open', 'erp', 'crm', 'crm.orders', order_no, account_no, cast(null as varchar), amount,
    coalesce(shipped_at, booked_at), owner_no, 'Tell the CRM that it was shipped'
from orders
where order_no is not null and order_status <> 'cancelled' and fulfilment is distinct from 'shipped'
    and (sales_status = 'shipped' or (shipped_at is not null and sales_status in ('open', 'planned')))
