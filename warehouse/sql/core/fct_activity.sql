-- one row per activity · from crm.activities · read by fct_trip, fct_process_event
-- made anew by activity_no:
--  staging.crm_activities
--  staging.crm_leads through core.fct_activity on lead_no
--  core.dim_exchange_rate through core.fct_activity on activity_currency = currency, happened_on = on_date
with activities as (select * from staging.crm_activities),
leads as (select * from staging.crm_leads),
rates as (select * from core.dim_exchange_rate),
company as (select * from staging.company)
select
    activities.activity_no,
    activities.lead_no,
    coalesce(activities.account_no, leads.account_no) as account_no,
    activities.employee_no,
    activities.kind,
    activities.happened_at,
    cast(activities.happened_at at time zone company.timezone as date) as happened_on,
    activities.request_no,
    activities.cost_amount as activity_cost_amount,
    activities.currency as activity_currency,
    cast(round(activities.cost_amount * rates.rate, 4) as decimal(18, 4)) as cost_amount,
    company.currency
from activities
cross join company
left join leads on leads.lead_no = activities.lead_no
left join rates
    on rates.currency = activities.currency
    and rates.on_date = cast(activities.happened_at at time zone company.timezone as date)
