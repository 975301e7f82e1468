-- one row per breakdown, kind, step and approver
-- · from fct_approval_step · read by the report's approvals page
with steps as (select * from core.fct_approval_step),
people as (select * from core.dim_employee where is_current),
broken_down as (
    select 'step' as breakdown, cast(null as varchar) as by_no, steps.* from steps
    union all
    select 'approver', approver_no, steps.* from steps
),
ranked as (
    select
        *,
        decision not in ('pending', 'cancelled') as is_decided,
        row_number() over (
            partition by breakdown, kind, step_name, by_no, decision not in ('pending', 'cancelled')
            order by elapsed_h, step_no
        ) as by_elapsed,
        row_number() over (
            partition by breakdown, kind, step_name, by_no, decision not in ('pending', 'cancelled')
            order by working_h, step_no
        ) as by_working,
        count(*) over (
            partition by breakdown, kind, step_name, by_no, decision not in ('pending', 'cancelled')
        ) as total
    from broken_down
)
-- percentiles are nearest-rank: of n values the ceil(p * n)-th, in whole numbers
select
    ranked.breakdown,
    ranked.kind,
    ranked.step_name,
    ranked.by_no as approver_no,
    max(people.name) as approver_name,
    cast(sum(case when is_decided then 1 else 0 end) as bigint) as decided,
    cast(sum(case when is_pending then 1 else 0 end) as bigint) as pending,
    cast(sum(case when decision = 'refused' then 1 else 0 end) as bigint) as refused,
    max(case when is_decided and by_elapsed = (total + 1) // 2 then elapsed_h end) as median_elapsed_h,
    max(case when is_decided and by_elapsed = (9 * total + 9) // 10 then elapsed_h end) as p90_elapsed_h,
    max(case when is_decided and by_working = (total + 1) // 2 then working_h end) as median_working_h,
    max(case when is_decided and by_working = (9 * total + 9) // 10 then working_h end) as p90_working_h,
    max(target_h) as target_h,
    max(case when is_pending then elapsed_h end) as oldest_pending_h
from ranked
left join people on people.employee_no = ranked.by_no
group by ranked.breakdown, ranked.kind, ranked.step_name, ranked.by_no
order by ranked.breakdown desc, ranked.kind, ranked.step_name, ranked.by_no
