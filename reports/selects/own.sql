-- one row per number of somebody who looks at own requests and decisions alone
-- · from fct_approval, fct_approval_step · read by reports.numbers
with requests as (select * from core.fct_approval where requester_no = $me),
steps as (select * from core.fct_approval_step where is_pending and decided_by_no = $me),
decided as (
    select
        *,
        case when decided_at > cast($as_of as timestamptz) - interval 90 day then 'now' else 'before' end
            as period
    from requests
    where status in ('approved', 'refused') and decided_at > cast($as_of as timestamptz) - interval 180 day
),
figures as (
    select 'own_decisions' as metric, count(*) as value, null as previous_value from steps
    union all
    select 'own_pending', count(case when status in ('requested', 'pending') then 1 end), null from requests
    union all
    select 'own_longest_wait', max(case when status in ('requested', 'pending') then working_h end), null
    from requests
    union all
    select
        'own_asked_30d',
        count(case when requested_at > cast($as_of as timestamptz) - interval 30 day then 1 end),
        count(case when requested_at <= cast($as_of as timestamptz) - interval 30 day then 1 end)
    from requests
    where requested_at > cast($as_of as timestamptz) - interval 60 day
    union all
    select
        'own_hours',
        quantile_disc(case when period = 'now' then working_h end, 0.5),
        quantile_disc(case when period = 'before' then working_h end, 0.5)
    from decided
    union all
    select
        'own_refused_90d',
        count(case when status = 'refused' and period = 'now' then 1 end),
        count(case when status = 'refused' and period = 'before' then 1 end)
    from decided
)
select
    metric,
    cast(value as decimal(18, 4)) as value,
    cast(previous_value as decimal(18, 4)) as previous_value
from figures
