-- one row per process, breakdown and pair of who handed on and who took over
-- · from the handovers of processes · read by process views
with every as (select * from marts.int_process_handover),
people as (select * from core.dim_employee where is_current),
-- few are there twice: only those are put together, which takes half the time
repeated as (select process, event_no from every group by process, event_no having count(*) > 1),
-- two orders of one lead share the lead's way: it was handed on once; the two events say who did, the first
-- case how long it waited there
handovers as (
    select
        process, case_no, from_system, from_actor_no, to_system, to_actor_no, is_on_paper, waiting_elapsed_h,
        waiting_h
    from every
    where not exists (
        select 1 from repeated where repeated.process = every.process and repeated.event_no = every.event_no
    )
    union all
    select
        process, min(case_no) as case_no, any_value(from_system) as from_system,
        any_value(from_actor_no) as from_actor_no, any_value(to_system) as to_system,
        any_value(to_actor_no) as to_actor_no, arg_min(is_on_paper, case_no) as is_on_paper,
        arg_min(waiting_elapsed_h, case_no) as waiting_elapsed_h, arg_min(waiting_h, case_no) as waiting_h
    from every
    where exists (
        select 1 from repeated where repeated.process = every.process and repeated.event_no = every.event_no
    )
    group by process, from_event_no, event_no
),
broken_down as (
    select
        'system' as breakdown, process, from_system, cast(null as varchar) as from_actor_no, to_system,
        cast(null as varchar) as to_actor_no, case_no, is_on_paper, waiting_elapsed_h, waiting_h
    from handovers
    where from_system <> to_system
    union all
    select
        'actor', process, from_system, from_actor_no, to_system, to_actor_no, case_no, is_on_paper,
        waiting_elapsed_h, waiting_h
    from handovers
),
-- the median is nearest-rank: of n values the ceil(n / 2)-th
grouped as (
    select
        breakdown,
        process,
        from_system,
        from_actor_no,
        to_system,
        to_actor_no,
        count(*) as handovers,
        percentile_disc(0.5) within group (order by waiting_elapsed_h) as median_elapsed_h,
        percentile_disc(0.5) within group (order by waiting_h) as median_working_h,
        sum(case when is_on_paper then 1 else 0 end) as on_paper,
        max(case_no) as example_case_no
    from broken_down
    group by breakdown, process, from_system, from_actor_no, to_system, to_actor_no
)
select
    grouped.breakdown,
    grouped.process,
    grouped.from_system,
    grouped.from_actor_no,
    givers.name as from_actor,
    grouped.to_system,
    grouped.to_actor_no,
    takers.name as to_actor,
    grouped.handovers,
    grouped.median_elapsed_h,
    grouped.median_working_h,
    cast(round(grouped.on_paper / grouped.handovers, 4) as decimal(18, 4)) as paper_share,
    grouped.example_case_no
from grouped
left join people givers on givers.employee_no = grouped.from_actor_no
left join people takers on takers.employee_no = grouped.to_actor_no
order by grouped.breakdown desc, grouped.process, grouped.from_system, grouped.from_actor_no,
    grouped.to_system, grouped.to_actor_no
