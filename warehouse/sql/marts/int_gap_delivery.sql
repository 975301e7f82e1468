-- one row per gap after a decision or a payment: approved_not_booked, paid_not_shipped, shipped_crm_open
-- · from trips, requests, orders · read by mart_handoff_gaps
with orders as (select * from core.fct_order),
requests as (select * from core.fct_approval),
funds as (select * from staging.erp_funds),
purchases as (select * from staging.erp_purchases),
leads as (select * from core.fct_lead)
select
    'approved_not_booked' as kind, 'oa' as from_system, 'erp' as to_system,
    requests.request_no as document_no,
    leads.account_no, leads.company_name as party_name, requests.amount, requests.decided_at as since_at,
    requests.requester_no as owner_no, 'Book the funds for the approved request' as next_action
from requests
left join funds on funds.request_no = requests.request_no
left join leads on leads.lead_no = requests.lead_no
where requests.kind = 'trip' and requests.status = 'approved' and funds.request_no is null
union all
select
    'approved_not_booked', 'oa', 'erp', purchases.purchase_no, cast(null as varchar), purchases.supplier_no,
    requests.amount, requests.decided_at, purchases.requester_no,
    'Bring the decision on ' || requests.request_no || ' back to the purchase'
from requests
join purchases on purchases.purchase_no = requests.source_key and requests.source_stream = 'erp.purchases'
where requests.status = 'approved' and purchases.approval_status = 'wanted'
    and purchases.status <> 'cancelled'
union all
select
    'paid_not_shipped', 'erp', 'erp', sales_order_no, account_no, cast(null as varchar), paid_amount,
    coalesce(paid_at, booked_at), owner_no,
    case
        when is_waiting_for_stock then 'Make or buy what is missing in stock'
        when shipment_requested_at is null then 'Release the shipment'
        else 'Ship it'
    end
from orders
where payment_status = 'paid' and shipped_at is null and sales_status in ('open', 'planned')
union all
select
    'shipped_crm_open', 'erp', 'crm', order_no, account_no, cast(null as varchar), amount,
    coalesce(shipped_at, booked_at), owner_no, 'Tell the CRM that it was shipped'
from orders
where order_no is not null and state = 'shipped' and fulfilment is distinct from 'shipped'
