-- one row per process, breakdown and pair of who handed on and who took over
-- · from the handovers of processes · read by process views
with every as (select * from marts.int_process_handover),
people as (select * from core.dim_employee where is_current),
-- two orders of one lead share the lead's way: it was handed on once
counted as (
    select
        *,
        row_number() over (partition by process, from_event_no, event_no order by case_no) as position
    from every
),
handovers as (select * from counted where position = 1),
broken_down as (
    select
        'system' as breakdown, process, from_system, cast(null as varchar) as from_actor_no, to_system,
        cast(null as varchar) as to_actor_no, case_no, event_no, from_event_no, is_on_paper,
        waiting_elapsed_h, waiting_h
    from handovers
    where from_system <> to_system
    union all
    select
        'actor', process, from_system, from_actor_no, to_system, to_actor_no, case_no, event_no,
        from_event_no, is_on_paper, waiting_elapsed_h, waiting_h
    from handovers
),
ranked as (
    select
        *,
        row_number() over (
            partition by breakdown, process, from_system, from_actor_no, to_system, to_actor_no
            order by waiting_h, from_event_no, event_no
        ) as by_working,
        row_number() over (
            partition by breakdown, process, from_system, from_actor_no, to_system, to_actor_no
            order by waiting_elapsed_h, from_event_no, event_no
        ) as by_elapsed,
        count(*) over (
            partition by breakdown, process, from_system, from_actor_no, to_system, to_actor_no
        ) as handovers
    from broken_down
)
-- the median is nearest-rank: of n values the ceil(n / 2)-th, in whole numbers
select
    ranked.breakdown,
    ranked.process,
    ranked.from_system,
    ranked.from_actor_no,
    max(givers.name) as from_actor,
    ranked.to_system,
    ranked.to_actor_no,
    max(takers.name) as to_actor,
    max(ranked.handovers) as handovers,
    max(case when ranked.by_elapsed = (ranked.handovers + 1) // 2 then ranked.waiting_elapsed_h end)
        as median_elapsed_h,
    max(case when ranked.by_working = (ranked.handovers + 1) // 2 then ranked.waiting_h end)
        as median_working_h,
    cast(round(sum(case when ranked.is_on_paper then 1 else 0 end) / max(ranked.handovers), 4)
        as decimal(18, 4)) as paper_share,
    max(ranked.case_no) as example_case_no
from ranked
left join people givers on givers.employee_no = ranked.from_actor_no
left join people takers on takers.employee_no = ranked.to_actor_no
group by ranked.breakdown, ranked.process, ranked.from_system, ranked.from_actor_no, ranked.to_system,
    ranked.to_actor_no
order by ranked.breakdown desc, ranked.process, ranked.from_system, ranked.from_actor_no, ranked.to_system,
    ranked.to_actor_no
