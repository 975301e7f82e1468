-- one row per approval request
-- · from oa.approval_requests and its steps · read by mart_metric, mart_handoff_gaps, fct_trip
-- made anew by request_no:
--  staging.oa_approval_requests
--  core.fct_approval_step
--  core.dim_employee through core.fct_approval on requester_no = employee_no
--  core.dim_exchange_rate through core.fct_approval on request_currency = currency, filed_on = on_date
--  time while decided_at is null
with requests as (select * from staging.oa_approval_requests),
steps as (select * from core.fct_approval_step),
-- with an end that is always there the join is looked up, not tried row by row
people as (
    select *, coalesce(valid_to, timestamptz '9999-12-31 00:00:00+00') as until_at from core.dim_employee
),
rates as (select * from core.dim_exchange_rate),
company as (select * from staging.company),
now as (select * from staging.now),
waited as (
    select
        request_no,
        count(*) as steps,
        sum(case when decision = 'refused' then 1 else 0 end) as refusals,
        sum(working_h) as working_h,
        min(case when is_pending then sequence end) as pending_sequence,
        max(decided_at) as last_decided_at
    from steps
    group by request_no
),
asked as (
    select steps.request_no, min(steps.approver_no) as pending_approver_no
    from steps
    join waited on waited.request_no = steps.request_no and waited.pending_sequence = steps.sequence
    group by steps.request_no
)
select
    requests.request_no,
    requests.kind,
    requests.requester_no,
    people.department_no,
    requests.status,
    requests.channel,
    requests.source_stream,
    requests.source_key,
    requests.lead_no,
    requests.requested_at,
    cast(requests.requested_at at time zone company.timezone as date) as filed_on,
    requests.decided_at,
    coalesce(waited.steps, 0) as steps,
    coalesce(cast(waited.refusals as bigint), 0) as refusals,
    asked.pending_approver_no,
    cast(round(greatest(
        0, epoch_us(coalesce(requests.decided_at, now.as_of)) - epoch_us(requests.requested_at)
    ) / 3600000000, 4) as decimal(18, 4)) as elapsed_h,
    -- what its approvers let it wait in their own working time; without steps nobody can be said to
    cast(waited.working_h as decimal(18, 4)) as working_h,
    requests.amount as request_amount,
    requests.currency as request_currency,
    cast(round(requests.amount * rates.rate, 4) as decimal(18, 4)) as amount,
    company.currency
from requests
cross join company
cross join now
left join waited on waited.request_no = requests.request_no
left join asked on asked.request_no = requests.request_no
left join people
    on people.employee_no = requests.requester_no and requests.requested_at >= people.valid_from
    and requests.requested_at < people.until_at
left join rates
    on rates.currency = requests.currency
    and rates.on_date = cast(requests.requested_at at time zone company.timezone as date)
