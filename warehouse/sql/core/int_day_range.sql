-- one row per build: first and last day that any fact needs · from the facts' instants · read by dim_date
with today as (select * from staging.today),
seen as (
    select cast(min(ordered_at) as date) as first_on from staging.crm_orders
    union all select cast(min(created_at) as date) from staging.crm_leads
    union all select cast(min(entered_at) as date) from staging.crm_lead_stages
    union all select cast(min(ordered_at) as date) from staging.erp_sales_orders
    union all select min(paid_on) from staging.erp_payments
    union all select min(due_on) from staging.erp_receivables
    union all select cast(min(asked_at) as date) from staging.oa_approval_steps
    union all select cast(min(requested_at) as date) from staging.oa_approval_requests
    union all select min(on_date) from staging.oa_attendance
    union all select cast(min(moved_at) as date) from staging.erp_stock_moves
    union all select cast(min(happened_at) as date) from staging.crm_activities
    union all select min(booked_on) from staging.erp_funds
    union all select cast(min(ordered_at) as date) from staging.erp_purchases
    union all select cast(min(least(requested_at, shipped_at)) as date) from staging.erp_shipments
    union all select least(min(starts_on), cast(min(done_at) as date)) from staging.erp_production_orders
),
first_seen as (select min(first_on) as first_on from seen)
select
    -- a mistyped century is not worth a hundred thousand days
    cast(date_trunc('year', greatest(
        least(coalesce(first_seen.first_on, today.as_on), today.as_on - interval 3 year), date '1990-01-01'
    )) as date) as first_on,
    cast(date_trunc('month', today.as_on + interval 13 month) as date) - 1 as last_on
from today
cross join first_seen
