-- one row per number about decisions and leads, of the rows that the viewer sees
-- · from fct_approval, fct_lead · read by reports.numbers, where mart_metric is not seen
with approvals as (select * from core.fct_approval),
leads as (select * from core.fct_lead),
decided as (
    select
        working_h,
        case when decided_at > cast($as_of as timestamptz) - interval 90 day then 'now' else 'before' end
            as period
    from approvals
    where status in ('approved', 'refused') and working_h is not null
        and decided_at > cast($as_of as timestamptz) - interval 180 day
        and decided_at <= cast($as_of as timestamptz)
),
approval as (
    select period, quantile_disc(working_h, 0.5) as median_h from decided group by period
),
closed as (
    select
        is_won,
        case when closed_at > cast($as_of as timestamptz) - interval 180 day then 'now' else 'before' end
            as period
    from leads
    where closed_at > cast($as_of as timestamptz) - interval 360 day
        and closed_at <= cast($as_of as timestamptz)
),
won as (
    select period, round(sum(case when is_won then 1 else 0 end) / count(*), 4) as win_rate
    from closed
    group by period
)
select
    'approval_hours' as metric,
    cast(max(case when period = 'now' then median_h end) as decimal(18, 4)) as value,
    cast(max(case when period = 'before' then median_h end) as decimal(18, 4)) as previous_value
from approval
union all
select
    'win_rate',
    cast(max(case when period = 'now' then win_rate end) as decimal(18, 4)),
    cast(max(case when period = 'before' then win_rate end) as decimal(18, 4))
from won
