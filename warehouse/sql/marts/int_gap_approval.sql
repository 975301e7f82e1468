-- one row per order or purchase that wants an approval it does not have: order_without_approval
-- · from orders, purchases, requests, policies · read by mart_handoff_gaps
with orders as (select * from core.fct_order where order_no is not null and order_status <> 'cancelled'),
lines as (select * from core.fct_order_line where source_system = 'crm'),
purchases as (select * from core.fct_purchase where status <> 'cancelled'),
requests as (select * from core.fct_approval where source_key is not null),
policies as (select * from staging.oa_approval_policies),
-- how a policy was before its last change nobody keeps: what is older is not judged by it
governed as (
    select kind, max(updated_at) as since_at, min(case when min_amount > 0 then min_amount end) as asked_from
    from policies
    group by kind
),
discounts as (select order_no, max(discount_rate) as discount_rate from lines group by order_no),
documents as (
    select
        'crm' as system, 'crm.orders' as stream, orders.order_no as document_no, orders.account_no,
        cast(null as varchar) as party_name, orders.amount, orders.ordered_at, orders.owner_no,
        orders.approval_status, coalesce(orders.approval_kind, 'discount') as kind,
        coalesce(orders.sales_status in ('open', 'planned', 'shipped'), false) as is_under_way,
        -- a sales person gives up to a fifth; more is the manager's to allow
        orders.order_status = 'confirmed' and discounts.discount_rate > 0.20
            and orders.ordered_at >= governed.since_at as wants_one,
        governed.kind is not null as is_governed
    from orders
    left join discounts on discounts.order_no = orders.order_no
    left join governed on governed.kind = coalesce(orders.approval_kind, 'discount')
    union all
    select
        'erp', 'erp.purchases', purchases.purchase_no, cast(null as varchar), purchases.supplier_no,
        purchases.amount, purchases.ordered_at, purchases.requester_no, purchases.approval_status, 'purchase',
        purchases.status in ('ordered', 'received'),
        -- as given: the OA's policies know no exchange rates
        purchases.status in ('ordered', 'received') and purchases.purchase_amount >= governed.asked_from
            and purchases.ordered_at >= governed.since_at,
        governed.kind is not null
    from purchases
    left join governed on governed.kind = 'purchase'
),
asked as (
    select
        source_stream,
        source_key,
        kind,
        request_no,
        row_number() over (
            partition by source_stream, source_key, kind order by requested_at desc, request_no desc
        ) as place
    from requests
),
judged as (
    select
        documents.*, requests.request_no, requests.status as request_status, requests.requested_at,
        requests.pending_approver_no
    from documents
    left join asked
        on asked.source_stream = documents.stream and asked.source_key = documents.document_no
        and asked.kind = documents.kind and asked.place = 1
    left join requests on requests.request_no = asked.request_no
)
select
    'order_without_approval' as kind, system as from_system, 'oa' as to_system,
    stream as document_stream, document_no, account_no, party_name, amount,
    coalesce(requested_at, ordered_at) as since_at, coalesce(pending_approver_no, owner_no) as owner_no,
    case
        when approval_status = 'refused' then 'Refused, yet under way: cancel it or ask again'
        when request_no is null then 'Ask for the approval it wants'
        when request_status in ('refused', 'cancelled') then 'Bring the decision on ' || request_no
            || ' back to it, or ask again'
        else 'Decide ' || request_no
    end as next_action
from judged
where request_status is distinct from 'approved' and (
    approval_status = 'wanted'
    or (approval_status = 'refused' and is_under_way)
    or (approval_status = 'approved' and is_governed)
    or (approval_status = 'none' and wants_one)
)
