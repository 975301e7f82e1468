-- one row per process and activity that should come once for a case
-- · from the steps of processes · read by process views
with steps as (select * from marts.int_process_step where comes_once),
counted as (
    select
        process,
        activity,
        case_no,
        count(*) as times,
        sum(case when is_rework then working_h else 0 end) as repeat_working_h,
        sum(case when is_rework then 1 else 0 end) as repeats
    from steps
    group by process, activity, case_no
)
select
    process,
    activity,
    count(*) as cases,
    cast(sum(case when repeats > 0 then 1 else 0 end) as bigint) as repeated_cases,
    cast(sum(repeats) as bigint) as repeats,
    cast(round(sum(case when repeats > 0 then 1 else 0 end) / count(*), 4) as decimal(18, 4)) as rework_share,
    cast(sum(repeat_working_h) as decimal(18, 4)) as rework_working_h,
    max(case when repeats > 0 then case_no end) as example_case_no
from counted
group by process, activity
order by process, activity
