-- one row per approval step
-- · from oa.approval_steps, working hours by the approver's calendar · read by mart_approval_times
-- made anew by request_no:
--  staging.oa_approval_steps
--  staging.oa_approval_requests
--  core.dim_employee through core.fct_approval_step on approver_no = employee_no
--  time while decided_at is null
with steps as (select * from staging.oa_approval_steps),
requests as (select * from staging.oa_approval_requests),
policies as (select * from staging.oa_approval_policies),
-- with an end that is always there the join is looked up, not tried row by row
people as (
    select *, coalesce(valid_to, timestamptz '9999-12-31 00:00:00+00') as until_at from core.dim_employee
),
clock as (select * from core.int_working_clock),
calendars as (select * from core.int_calendar),
now as (select * from staging.now),
fallback as (select country from calendars where is_default),
targets as (select kind, step_name, min(target_hours) as target_h from policies group by kind, step_name),
spans as (
    select
        steps.*,
        requests.kind,
        requests.channel,
        greatest(steps.asked_at, coalesce(steps.decided_at, now.as_of)) as until_at,
        coalesce(people.country, fallback.country) as country
    from steps
    join requests on requests.request_no = steps.request_no
    cross join now
    cross join fallback
    left join people
        on people.employee_no = steps.approver_no and steps.asked_at >= people.valid_from
        and steps.asked_at < people.until_at
),
-- the clock says how many seconds were worked before an instant: two look-ups replace a walk over the days
clocked as (
    select
        spans.*,
        case when epoch_us(spans.asked_at) >= since.opens_us
            then since.working_s_before
                + least(since.working_s, (epoch_us(spans.asked_at) - since.opens_us) // 1000000)
            else since.last_working_s_before
                + least(since.last_working_s, (epoch_us(spans.asked_at) - since.last_opens_us) // 1000000)
        end as asked_s,
        case when epoch_us(spans.until_at) >= until.opens_us
            then until.working_s_before
                + least(until.working_s, (epoch_us(spans.until_at) - until.opens_us) // 1000000)
            else until.last_working_s_before
                + least(until.last_working_s, (epoch_us(spans.until_at) - until.last_opens_us) // 1000000)
        end as until_s
    from spans
    left join clock since
        on since.country = spans.country and since.half_no = epoch_us(spans.asked_at) // 43200000000
    left join clock until
        on until.country = spans.country and until.half_no = epoch_us(spans.until_at) // 43200000000
)
select
    clocked.step_no,
    clocked.request_no,
    clocked.sequence,
    clocked.kind,
    clocked.step_name,
    clocked.channel,
    clocked.requester_no,
    clocked.approver_no,
    clocked.acting_no,
    coalesce(clocked.acting_no, clocked.approver_no) as decided_by_no,
    clocked.acting_no is not null and clocked.acting_no <> clocked.approver_no as is_substitute,
    clocked.asked_at,
    clocked.decided_at,
    clocked.decision,
    clocked.decision = 'pending' as is_pending,
    cast(round((epoch_us(clocked.until_at) - epoch_us(clocked.asked_at)) / 3600000000, 4) as decimal(18, 4))
        as elapsed_h,
    cast(round((clocked.until_s - clocked.asked_s) / 3600, 4) as decimal(18, 4)) as working_h,
    targets.target_h,
    cast(round((clocked.until_s - clocked.asked_s) / 3600, 4) as decimal(18, 4)) > targets.target_h as is_late
from clocked
left join targets on targets.kind = clocked.kind and targets.step_name = clocked.step_name
