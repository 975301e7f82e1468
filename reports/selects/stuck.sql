-- one row: the money stuck in the gaps that the viewer sees, each order, purchase or request once
-- · from mart_handoff_gaps and what its documents point to · read by reports.numbers
with gaps as (select * from marts.mart_handoff_gaps),
records as (select * from marts.mart_gap_record where stream = 'oa.approval_requests'),
documents as materialized (
    select document_stream, document_no, max(amount) as amount from gaps group by document_stream, document_no
),
-- only HR sees which day belongs to which request; the records behind the gap say it too
of_requests as (
    select 'oa.approval_requests' as document_stream, document_no, document_no as request_no
    from documents
    where document_stream = 'oa.approval_requests'
    union
    select 'erp.funds', fund_no, request_no
    from core.fct_fund
    where fund_no in (select document_no from documents)
    union
    select gaps.document_stream, gaps.document_no, records.record_key
    from gaps
    join records on records.gap_key = gaps.gap_key
    where gaps.document_stream = 'oa.attendance'
),
requests as materialized (
    select * from core.fct_approval where request_no in (select request_no from of_requests)
),
orders as materialized (
    select order_key, order_no, sales_order_no
    from core.fct_order
    where order_no in (select document_no from documents union all select source_key from requests)
        or sales_order_no in (select document_no from documents)
),
of_orders as (
    select 'crm.orders' as document_stream, order_no as document_no, order_key from orders
    union
    select 'erp.sales_orders', sales_order_no, order_key from orders
    union
    select 'erp.payments', payment_no, order_key
    from core.fct_payment
    where order_key is not null and payment_no in (select document_no from documents)
    union
    select 'erp.shipments', shipment_no, order_key
    from core.fct_shipment
    where order_key is not null and shipment_no in (select document_no from documents)
),
objects as (
    select
        documents.*,
        case
            when of_orders.order_key is not null or orders.order_key is not null then 'order'
            when requests.source_stream = 'erp.purchases' then 'erp.purchases'
            when requests.request_no is not null then 'oa.approval_requests'
            else documents.document_stream
        end as object_type,
        coalesce(
            of_orders.order_key, orders.order_key,
            case when requests.source_stream = 'erp.purchases' then requests.source_key end,
            requests.request_no, documents.document_no
        ) as object_no
    from documents
    left join of_orders using (document_stream, document_no)
    left join of_requests using (document_stream, document_no)
    left join requests on requests.request_no = of_requests.request_no
    left join orders on orders.order_no = requests.source_key and requests.source_stream = 'crm.orders'
),
-- an order is one money under all its numbers; only its payments are each money of their own
numbered as (
    select
        object_type, object_no,
        case when document_stream = 'erp.payments' then sum(amount) else max(amount) end as amount
    from objects
    group by object_type, object_no, document_stream
),
stuck as (select object_type, object_no, max(amount) as amount from numbered group by object_type, object_no)
select
    'stuck_in_gaps' as metric,
    cast(coalesce(sum(amount), 0) as decimal(18, 4)) as value,
    cast(null as decimal(18, 4)) as previous_value
from stuck
