-- one row per gap and order, lead, request or purchase it is about
-- · from mart_handoff_gaps and what its documents point to · read by the int_gap_record models
with gaps as (select * from marts.mart_handoff_gaps),
orders as (select * from core.fct_order),
payments as (select * from core.fct_payment),
requests as (select * from core.fct_approval),
purchases as (select * from core.fct_purchase),
funds as (select * from core.fct_fund),
days as (select * from core.fct_attendance),
gap_orders as (
    select gaps.gap_key, orders.order_key, orders.order_no, orders.lead_no
    from gaps
    join orders on orders.order_no = gaps.document_no and gaps.document_stream = 'crm.orders'
    union
    select gaps.gap_key, orders.order_key, orders.order_no, orders.lead_no
    from gaps
    join orders on orders.sales_order_no = gaps.document_no and gaps.document_stream = 'erp.sales_orders'
    union
    select gaps.gap_key, orders.order_key, orders.order_no, orders.lead_no
    from gaps
    join payments on payments.payment_no = gaps.document_no and gaps.document_stream = 'erp.payments'
    join orders on orders.order_key = payments.order_key
    union
    select gaps.gap_key, orders.order_key, orders.order_no, orders.lead_no
    from gaps
    join orders on orders.lead_no = gaps.document_no and gaps.document_stream = 'crm.leads'
    union
    select gaps.gap_key, orders.order_key, orders.order_no, orders.lead_no
    from gaps
    join requests on requests.request_no = gaps.document_no and gaps.document_stream = 'oa.approval_requests'
    join orders on orders.order_no = requests.source_key and requests.source_stream = 'crm.orders'
),
gap_requests as (
    select gaps.gap_key, requests.request_no, requests.lead_no
    from gaps
    join requests on requests.request_no = gaps.document_no and gaps.document_stream = 'oa.approval_requests'
    union
    select gaps.gap_key, requests.request_no, requests.lead_no
    from gaps
    join requests on requests.source_key = gaps.document_no and requests.source_stream = gaps.document_stream
    union
    select gap_orders.gap_key, requests.request_no, requests.lead_no
    from gap_orders
    join requests on requests.source_key = gap_orders.order_no and requests.source_stream = 'crm.orders'
    union
    select gaps.gap_key, requests.request_no, requests.lead_no
    from gaps
    join funds on funds.fund_no = gaps.document_no and gaps.document_stream = 'erp.funds'
    join requests on requests.request_no = funds.request_no
    union
    select gaps.gap_key, requests.request_no, requests.lead_no
    from gaps
    join days on days.attendance_no = gaps.document_no and gaps.document_stream = 'oa.attendance'
    join requests on requests.request_no = days.request_no
)
select gap_key, 'order' as object_type, order_key as object_no from gap_orders
union
select gap_key, 'request', request_no from gap_requests
union
select gap_key, 'lead', lead_no from gap_orders where lead_no is not null
union
select gap_key, 'lead', lead_no from gap_requests where lead_no is not null
union
select gap_key, 'lead', document_no from gaps where document_stream = 'crm.leads'
union
select gaps.gap_key, 'purchase', purchases.purchase_no
from gaps
join purchases on purchases.purchase_no = gaps.document_no and gaps.document_stream = 'erp.purchases'
union
select gap_requests.gap_key, 'purchase', purchases.purchase_no
from gap_requests
join requests on requests.request_no = gap_requests.request_no
join purchases on purchases.purchase_no = requests.source_key and requests.source_stream = 'erp.purchases'
