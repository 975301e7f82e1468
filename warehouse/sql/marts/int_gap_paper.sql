-- one row per document that went around the systems, open or of the last 90 days
-- · from requests, orders, payments · read by mart_handoff_gaps
with requests as (select * from core.fct_approval),
orders as (select * from core.fct_order),
payments as (select * from core.fct_payment),
leads as (select * from core.fct_lead),
build as (select * from staging.build),
documents as (
    select
        'request ' || requests.kind as sort, 'oa' as to_system, 'oa.approval_requests' as document_stream,
        requests.request_no as document_no,
        leads.account_no, requests.amount, requests.channel, requests.requested_at as since_at,
        requests.decided_at as until_at, requests.requester_no as owner_no,
        'File it in the OA, so that it is decided there' as next_action
    from requests
    left join leads on leads.lead_no = requests.lead_no
    union all
    select
        'order', 'crm', 'erp.sales_orders', sales_order_no, account_no, amount, channel, ordered_at,
        shipped_at, owner_no, 'Enter the order in the CRM'
    from orders
    where sales_order_no is not null and state not in ('cancelled', 'refused')
    union all
    select
        'payment', 'erp', 'erp.payments', payments.payment_no, payments.account_no, payments.amount,
        payments.channel,
        cast(payments.paid_on as timestamp) at time zone build.timezone, payments.recorded_at,
        payments.recorded_by_no, 'Record payments in the ERP on the day they arrive'
    from payments
    cross join build
),
circulated as (
    select
        documents.*,
        cast(round(greatest(
            0, epoch_us(coalesce(documents.until_at, build.as_of)) - epoch_us(documents.since_at)
        ) / 3600000000, 4) as decimal(18, 4)) as circulation_hours
    from documents
    cross join build
),
-- the median is nearest-rank: of n values the ceil(n / 2)-th
usual as (
    select sort, percentile_disc(0.5) within group (order by circulation_hours) as median_hours
    from circulated
    where channel = 'system' and until_at is not null
    group by sort
)
select
    'done_on_paper' as kind, 'paper' as from_system, circulated.to_system,
    circulated.document_stream, circulated.document_no,
    circulated.account_no, cast(null as varchar) as party_name, circulated.amount, circulated.since_at,
    circulated.owner_no, circulated.next_action, circulated.circulation_hours,
    usual.median_hours as system_median_hours
from circulated
cross join build
left join usual on usual.sort = circulated.sort
where circulated.channel = 'paper'
    and (circulated.until_at is null or circulated.since_at > build.as_of - interval 90 day)
