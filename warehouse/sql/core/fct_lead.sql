-- one row per lead
-- · from crm.leads, crm.lead_stages, crm.campaigns · read by mart_pipeline, mart_handoff_gaps
-- made anew by lead_no:
--  staging.crm_leads
--  staging.crm_lead_stages
--  staging.crm_campaigns through core.fct_lead on campaign_no
--  core.dim_exchange_rate through core.fct_lead on lead_currency = currency, created_on = on_date
--  time while closed_at is null
with leads as (select * from staging.crm_leads),
stages as (select * from staging.crm_lead_stages),
campaigns as (select * from staging.crm_campaigns),
rates as (select * from core.dim_exchange_rate),
company as (select * from staging.company),
today as (select * from staging.today),
entered as (
    select
        lead_no,
        max(entered_at) as stage_entered_at,
        max(case when stage = 'engaged' then 1 else 0 end) as was_engaged,
        max(case when stage = 'qualified' then 1 else 0 end) as was_qualified,
        max(case when stage = 'proposal' then 1 else 0 end) as was_proposal
    from stages
    group by lead_no
)
select
    leads.lead_no,
    leads.account_no,
    leads.campaign_no,
    campaigns.channel as campaign_channel,
    leads.company_name,
    leads.country,
    leads.owner_no,
    leads.source,
    leads.item_no,
    leads.stage,
    leads.stage in ('won', 'lost') as is_closed,
    leads.stage = 'won' as is_won,
    leads.created_at,
    cast(leads.created_at at time zone company.timezone as date) as created_on,
    leads.qualified_at,
    leads.closed_at,
    coalesce(entered.stage_entered_at, leads.created_at) as stage_entered_at,
    -- a lead in a stage has been there, whether its history says so or not
    coalesce(entered.was_engaged, 0) = 1 or leads.stage = 'engaged' as was_engaged,
    coalesce(entered.was_qualified, 0) = 1 or leads.stage = 'qualified' or leads.qualified_at is not null
        as was_qualified,
    coalesce(entered.was_proposal, 0) = 1 or leads.stage = 'proposal' as was_proposal,
    greatest(0, date_diff(
        'day',
        cast(leads.created_at at time zone company.timezone as date),
        coalesce(cast(leads.closed_at at time zone company.timezone as date), today.as_on)
    )) as age_days,
    leads.currency as lead_currency,
    leads.expected_amount as lead_expected_amount,
    leads.won_amount as lead_won_amount,
    cast(round(leads.expected_amount * rates.rate, 4) as decimal(18, 4)) as expected_amount,
    cast(round(leads.won_amount * rates.rate, 4) as decimal(18, 4)) as won_amount,
    company.currency
from leads
cross join company
cross join today
left join entered on entered.lead_no = leads.lead_no
left join campaigns on campaigns.campaign_no = leads.campaign_no
left join rates
    on rates.currency = leads.currency
    and rates.on_date = cast(leads.created_at at time zone company.timezone as date)
