-- one row per activity · from crm.activities · read by fct_trip, fct_process_event
with activities as (select * from staging.crm_activities),
leads as (select * from staging.crm_leads),
rates as (select * from core.dim_exchange_rate),
build as (select * from staging.build)
select
    activities.activity_no,
    activities.lead_no,
    coalesce(activities.account_no, leads.account_no) as account_no,
    activities.employee_no,
    activities.kind,
    activities.happened_at,
    activities.request_no,
    activities.cost_amount as activity_cost_amount,
    activities.currency as activity_currency,
    cast(round(activities.cost_amount * rates.rate, 4) as decimal(18, 4)) as cost_amount,
    build.currency
from activities
cross join build
left join leads on leads.lead_no = activities.lead_no
left join rates
    on rates.currency = activities.currency
    and rates.on_date = cast(activities.happened_at at time zone build.timezone as date)
order by activities.activity_no
