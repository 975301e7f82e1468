-- one row per purchase
-- · from erp.purchases, its lines, its supplier, oa.approval_requests · read by mart_handoff_gaps
with purchases as (select * from staging.erp_purchases),
lines as (select * from staging.erp_purchase_lines),
suppliers as (select * from core.dim_supplier),
requests as (
    select * from staging.oa_approval_requests where source_stream = 'erp.purchases' and kind = 'purchase'
),
rates as (select * from core.dim_exchange_rate),
build as (select * from staging.build),
today as (select * from staging.today),
counted as (select purchase_no, count(*) as lines from lines group by purchase_no),
-- numbers are text: the last one asked is the latest, not the greatest
asked as (
    select
        source_key,
        request_no,
        row_number() over (partition by source_key order by requested_at desc, request_no desc) as place
    from requests
),
dated as (
    select purchases.*, cast(purchases.ordered_at at time zone build.timezone as date) as ordered_on
    from purchases
    cross join build
)
select
    dated.purchase_no,
    dated.supplier_no,
    dated.requester_no,
    dated.status,
    dated.approval_status,
    asked.request_no,
    dated.ordered_at,
    dated.ordered_on,
    dated.expected_on,
    dated.received_on,
    suppliers.lead_time_days,
    date_diff('day', dated.ordered_on, dated.expected_on) as promised_days,
    date_diff('day', dated.ordered_on, dated.received_on) as actual_days,
    case when dated.status in ('ordered', 'received') then greatest(
        0, date_diff('day', dated.expected_on, coalesce(dated.received_on, today.as_on))
    ) end as days_late,
    coalesce(counted.lines, 0) as lines,
    dated.total_amount as purchase_amount,
    dated.currency as purchase_currency,
    cast(round(dated.total_amount * rates.rate, 4) as decimal(18, 4)) as amount,
    build.currency
from dated
cross join build
cross join today
left join suppliers on suppliers.supplier_no = dated.supplier_no
left join counted on counted.purchase_no = dated.purchase_no
left join asked on asked.source_key = dated.purchase_no and asked.place = 1
left join rates on rates.currency = dated.currency and rates.on_date = dated.ordered_on
order by dated.purchase_no
