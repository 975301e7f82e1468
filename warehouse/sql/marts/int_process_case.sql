-- one row per process and case: the way it took, how long, through how many hands
-- · from the steps of processes · read by mart_process_variant, mart_circulation
-- made anew by process, case_no:
--  marts.int_process_step
--  marts.int_process_handover
--  core.fct_approval as 'approval', request_no
with steps as (select * from marts.int_process_step),
handovers as (select * from marts.int_process_handover),
requests as (select 'approval' as process, request_no, kind from core.fct_approval),
handed as (select process, case_no, count(*) as handovers from handovers group by process, case_no),
taken as (
    select
        process,
        case_no,
        max(case when channel = 'paper' then 1 else 0 end) = 1 as is_on_paper,
        string_agg(case when is_in_path then activity end, ' → ' order by sequence) as path,
        sum(case when is_in_path then 1 else 0 end) as path_steps,
        sum(case when is_rework then 1 else 0 end) as repeats,
        count(distinct actor_no) as people,
        cast(sum(elapsed_h) as decimal(18, 4)) as elapsed_h,
        cast(sum(working_h) as decimal(18, 4)) as working_h
    from steps
    group by process, case_no
)
select
    taken.process,
    taken.case_no,
    coalesce(requests.kind, 'order') as kind,
    case when taken.is_on_paper then 'paper' else 'system' end as channel,
    taken.path,
    cast(taken.path_steps as bigint) as path_steps,
    cast(taken.repeats as bigint) as repeats,
    taken.people,
    coalesce(handed.handovers, 0) as handovers,
    taken.elapsed_h,
    taken.working_h
from taken
left join handed on handed.process = taken.process and handed.case_no = taken.case_no
left join requests on requests.process = taken.process and requests.request_no = taken.case_no
