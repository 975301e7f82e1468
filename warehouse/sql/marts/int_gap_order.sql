-- one row per gap before an order is booked: won_without_order, approved_not_booked
-- · from leads, orders, approvals, what was set aside · read by mart_handoff_gaps
with leads as (select * from core.fct_lead),
orders as (select * from core.fct_order),
requests as (select * from core.fct_approval where source_stream = 'crm.orders'),
set_aside as (
    select record_key, min(rule) as rule, min(state) as state
    from core.fct_quarantine where is_open and stream = 'crm.orders' group by record_key
),
ordered as (select distinct lead_no from orders where lead_no is not null and order_status <> 'cancelled'),
asked as (
    select
        source_key,
        kind,
        request_no,
        row_number() over (
            partition by source_key, kind order by requested_at desc, request_no desc
        ) as place
    from requests
),
waiting as (
    select orders.*, requests.request_no, requests.status as request_status, requests.decided_at
    from orders
    left join asked
        on asked.source_key = orders.order_no and asked.kind = orders.approval_kind and asked.place = 1
    left join requests on requests.request_no = asked.request_no
    where orders.order_no is not null and orders.order_status <> 'cancelled'
)
select
    'won_without_order' as kind, 'crm' as from_system, 'crm' as to_system,
    'crm.leads' as document_stream, leads.lead_no as document_no,
    leads.account_no, leads.company_name as party_name,
    coalesce(leads.won_amount, leads.expected_amount) as amount,
    leads.closed_at as since_at, leads.owner_no, 'Enter the order for the won lead' as next_action
from leads
left join ordered on ordered.lead_no = leads.lead_no
-- a CRM that keeps no orders at all has not lost any
where leads.is_won and ordered.lead_no is null and exists (select 1 from orders where order_no is not null)
union all
select
    'approved_not_booked', 'oa', 'crm', 'crm.orders', order_no, account_no, cast(null as varchar), amount,
    decided_at, owner_no, 'Bring the decision on ' || request_no || ' back to the order'
from waiting
where approval_status = 'wanted' and request_status = 'approved'
union all
select
    'approved_not_booked', 'crm', 'erp', 'crm.orders', waiting.order_no, waiting.account_no,
    cast(null as varchar),
    waiting.amount, greatest(waiting.ordered_at, coalesce(waiting.decided_at, waiting.ordered_at)),
    waiting.owner_no,
    case
        when set_aside.state = 'waiting' then 'Waiting (' || set_aside.rule || '): it goes by itself'
        when set_aside.rule is not null
            then 'In quarantine (' || set_aside.rule || '): correct it, then replay'
        when waiting.sales_status = 'requested' then 'Accept or refuse it in the ERP'
        else 'Book it in the ERP'
    end
from waiting
left join set_aside on set_aside.record_key = waiting.order_no
where waiting.order_status = 'confirmed' and waiting.approval_status in ('none', 'approved')
    and (waiting.sales_status is null or waiting.sales_status = 'requested')
