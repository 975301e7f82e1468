-- one row per number of those who look after the people
-- · from fct_attendance, fct_trip · read by reports.numbers
with away as (
    select * from core.fct_attendance where kind <> 'present' and status <> 'cancelled' and is_working_day
),
trips as (select * from core.fct_trip),
decided as (
    select
        working_h,
        case when decided_at > cast($as_of as timestamptz) - interval 90 day then 'now' else 'before' end
            as period
    from trips
    where status in ('approved', 'refused') and working_h is not null
        and decided_at > cast($as_of as timestamptz) - interval 180 day
),
figures as (
    select
        'away_today' as metric,
        count(distinct case when on_date = cast($as_on as date) then employee_no end) as value,
        count(distinct case when on_date = cast($as_on as date) - 7 then employee_no end) as previous_value
    from away
    union all
    select
        'away_days_7d',
        count(case when on_date > cast($as_on as date) and on_date <= cast($as_on as date) + 7 then 1 end),
        count(case when on_date > cast($as_on as date) - 7 and on_date <= cast($as_on as date) then 1 end)
    from away
    union all
    select
        'leave_days_30d',
        count(case when on_date > cast($as_on as date) - 30 then 1 end),
        count(case when on_date <= cast($as_on as date) - 30 then 1 end)
    from away
    where kind = 'leave' and on_date > cast($as_on as date) - 60 and on_date <= cast($as_on as date)
    union all
    select
        'trips_asked_30d',
        count(case when requested_at > cast($as_of as timestamptz) - interval 30 day then 1 end),
        count(case when requested_at <= cast($as_of as timestamptz) - interval 30 day then 1 end)
    from trips
    where requested_at > cast($as_of as timestamptz) - interval 60 day
    union all
    select
        'trips_pending',
        count(case when status in ('requested', 'pending') then 1 end),
        count(case
            when requested_at <= cast($as_of as timestamptz) - interval 30 day
                and decided_at > cast($as_of as timestamptz) - interval 30 day
                or status in ('requested', 'pending')
                and requested_at <= cast($as_of as timestamptz) - interval 30 day
            then 1
        end)
    from trips
    union all
    select
        'trip_hours',
        quantile_disc(case when period = 'now' then working_h end, 0.5),
        quantile_disc(case when period = 'before' then working_h end, 0.5)
    from decided
)
select
    metric,
    cast(value as decimal(18, 4)) as value,
    cast(previous_value as decimal(18, 4)) as previous_value
from figures
