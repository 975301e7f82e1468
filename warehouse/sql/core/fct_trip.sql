-- one row per trip request
-- · from oa.approval_requests of kind trip, erp.funds, crm.activities
-- · read by mart_trip_roi, mart_lead_to_cash
-- made anew by request_no:
--  staging.oa_approval_requests
--  core.fct_approval
--  staging.erp_funds
--  core.fct_activity
--  core.fct_lead through core.fct_trip on lead_no
--  core.dim_exchange_rate through staging.erp_funds on currency, booked_on = on_date
with trips as (select * from staging.oa_approval_requests where kind = 'trip'),
approvals as (select * from core.fct_approval),
funds as (select * from staging.erp_funds),
activities as (select * from core.fct_activity),
leads as (select * from core.fct_lead),
rates as (select * from core.dim_exchange_rate),
booked as (
    select
        funds.request_no,
        min(funds.booked_on) as booked_on,
        min(funds.fund_no) as fund_no,
        sum(case when funds.status = 'booked' then round(funds.amount * rates.rate, 4) else 0 end)
            as cost_amount
    from funds
    left join rates on rates.currency = funds.currency and rates.on_date = funds.booked_on
    group by funds.request_no
),
reported as (
    select request_no, min(activity_no) as activity_no
    from activities
    where request_no is not null
    group by request_no
)
select
    trips.request_no,
    trips.requester_no as employee_no,
    trips.lead_no,
    leads.account_no,
    trips.status,
    trips.channel,
    trips.starts_on,
    trips.ends_on,
    date_diff('day', trips.starts_on, trips.ends_on) + 1 as days,
    trips.requested_at,
    trips.decided_at,
    approvals.elapsed_h,
    approvals.working_h,
    booked.fund_no,
    booked.booked_on,
    reported.activity_no,
    approvals.amount as requested_amount,
    cast(coalesce(booked.cost_amount, 0) as decimal(18, 4)) as cost_amount,
    approvals.currency
from trips
join approvals on approvals.request_no = trips.request_no
left join booked on booked.request_no = trips.request_no
left join reported on reported.request_no = trips.request_no
left join leads on leads.lead_no = trips.lead_no
