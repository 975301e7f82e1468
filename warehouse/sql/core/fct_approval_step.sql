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
people as (select * from core.dim_employee),
dates as (select * from core.dim_date),
build as (select * from staging.build),
fallback as (select distinct country, timezone from dates where is_default_country),
targets as (select kind, step_name, min(target_hours) as target_h from policies group by kind, step_name),
spans as (
    select
        steps.*,
        requests.kind,
        requests.channel,
        greatest(steps.asked_at, coalesce(steps.decided_at, build.as_of)) as until_at,
        coalesce(people.country, fallback.country) as country,
        coalesce(people.timezone, fallback.timezone) as timezone
    from steps
    join requests on requests.request_no = steps.request_no
    cross join build
    cross join fallback
    left join people
        on people.employee_no = steps.approver_no and steps.asked_at >= people.valid_from
        and (people.valid_to is null or steps.asked_at < people.valid_to)
),
-- a day's row says how many seconds were worked before it, so two look-ups replace a walk over the days
clocked as (
    select
        spans.*,
        first_day.working_s_before + coalesce(least(first_day.working_s, greatest(
            0, (epoch_us(spans.asked_at) - epoch_us(first_day.opens_at)) // 1000000
        )), 0) as asked_s,
        last_day.working_s_before + coalesce(least(last_day.working_s, greatest(
            0, (epoch_us(spans.until_at) - epoch_us(last_day.opens_at)) // 1000000
        )), 0) as until_s
    from spans
    left join dates first_day
        on first_day.country = spans.country
        and first_day.on_date = cast(spans.asked_at at time zone spans.timezone as date)
    left join dates last_day
        on last_day.country = spans.country
        and last_day.on_date = cast(spans.until_at at time zone spans.timezone as date)
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
