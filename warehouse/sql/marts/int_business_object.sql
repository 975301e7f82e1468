-- one row per document in a gap or set aside, and the order, purchase or request whose money it is about
-- · from mart_handoff_gaps, fct_quarantine and what their documents point to
-- · read by int_metric_work, int_metric_set_aside
with gaps as (select * from marts.mart_handoff_gaps),
entries as (select * from core.fct_quarantine where is_open and record_key is not null),
orders as (select * from core.fct_order),
payments as (select * from core.fct_payment),
shipments as (select * from core.fct_shipment),
requests as (select * from core.fct_approval),
funds as (select * from core.fct_fund),
days as (select * from core.fct_attendance),
-- two streams may number their documents alike
documents as (
    select document_stream, document_no from gaps
    union
    select case when starts_with(flow, 'import') then step else stream end, record_key from entries
),
of_orders as (
    select documents.document_stream, documents.document_no, orders.order_key
    from documents
    join orders on orders.order_no = documents.document_no
    where documents.document_stream = 'crm.orders'
    union
    select documents.document_stream, documents.document_no, orders.order_key
    from documents
    join orders on orders.sales_order_no = documents.document_no
    where documents.document_stream = 'erp.sales_orders'
    union
    select documents.document_stream, documents.document_no, payments.order_key
    from documents
    join payments on payments.payment_no = documents.document_no
    where documents.document_stream = 'erp.payments' and payments.order_key is not null
    union
    select documents.document_stream, documents.document_no, shipments.order_key
    from documents
    join shipments on shipments.shipment_no = documents.document_no
    where documents.document_stream = 'erp.shipments' and shipments.order_key is not null
),
of_requests as (
    select document_stream, document_no, document_no as request_no
    from documents
    where document_stream = 'oa.approval_requests'
    union
    select documents.document_stream, documents.document_no, funds.request_no
    from documents
    join funds on funds.fund_no = documents.document_no
    where documents.document_stream = 'erp.funds'
    union
    select documents.document_stream, documents.document_no, days.request_no
    from documents
    join days on days.attendance_no = documents.document_no
    where documents.document_stream = 'oa.attendance'
)
select
    documents.document_stream,
    documents.document_no,
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
left join of_orders
    on of_orders.document_stream = documents.document_stream and of_orders.document_no = documents.document_no
left join of_requests
    on of_requests.document_stream = documents.document_stream
    and of_requests.document_no = documents.document_no
left join requests on requests.request_no = of_requests.request_no
-- a column alone on each side, or every order is held against every document
left join orders
    on orders.order_no = case when requests.source_stream = 'crm.orders' then requests.source_key end
order by documents.document_stream, documents.document_no
