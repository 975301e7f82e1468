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
        cast(null as varchar) as to_actor_no, case_no, is_on_paper, waiting_elapsed_h, waiting_h
    from handovers
    where from_system <> to_system
    union all
    select
        'actor', process, from_system, from_actor_no, to_system, to_actor_no, case_no, is_on_paper,
        waiting_elapsed_h, waiting_h
    from handovers
),
pairs as (
    select
        row_number() over (
            order by breakdown, process, from_system, from_actor_no, to_system, to_actor_no
        ) as pair_no,
        breakdown, process, from_system, from_actor_no, to_system, to_actor_no,
        count(*) as handovers,
        sum(case when is_on_paper then 1 else 0 end) as on_paper,
        max(case_no) as example_case_no
    from broken_down
    group by breakdown, process, from_system, from_actor_no, to_system, to_actor_no
),
-- ranks are many: a number is sorted several times as fast as the names it stands for
ranked as (
    select
        pairs.pair_no, pairs.handovers, each.waiting_elapsed_h, each.waiting_h,
        row_number() over (partition by pairs.pair_no order by each.waiting_elapsed_h) as by_elapsed,
        row_number() over (partition by pairs.pair_no order by each.waiting_h) as by_working
    from broken_down each
    join pairs
        on pairs.breakdown = each.breakdown and pairs.process = each.process
        and pairs.from_system = each.from_system and pairs.to_system = each.to_system
        and pairs.from_actor_no is not distinct from each.from_actor_no
        and pairs.to_actor_no is not distinct from each.to_actor_no
),
-- the median is nearest-rank: of n values the ceil(n / 2)-th, in whole numbers
medians as (
    select
        pair_no,
        max(case when by_elapsed = (handovers + 1) // 2 then waiting_elapsed_h end) as median_elapsed_h,
        max(case when by_working = (handovers + 1) // 2 then waiting_h end) as median_working_h
    from ranked
    group by pair_no
)
select
    pairs.breakdown,
    pairs.process,
    pairs.from_system,
    pairs.from_actor_no,
    givers.name as from_actor,
    pairs.to_system,
    pairs.to_actor_no,
    takers.name as to_actor,
    pairs.handovers,
    medians.median_elapsed_h,
    medians.median_working_h,
    cast(round(pairs.on_paper / pairs.handovers, 4) as decimal(18, 4)) as paper_share,
    pairs.example_case_no
from pairs
join medians on medians.pair_no = pairs.pair_no
left join people givers on givers.employee_no = pairs.from_actor_no
left join people takers on takers.employee_no = pairs.to_actor_no
order by pairs.breakdown desc, pairs.process, pairs.from_system, pairs.from_actor_no, pairs.to_system,
    pairs.to_actor_no
