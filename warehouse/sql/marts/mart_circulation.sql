-- one row per process, kind of case and channel: through how many hands it goes, and how long that takes
-- · from the cases of processes · read by process views
with cases as (select * from marts.int_process_case),
ranked as (
    select
        *,
        row_number() over (partition by process, kind, channel order by people, case_no) as by_people,
        row_number() over (partition by process, kind, channel order by handovers, case_no) as by_handovers,
        row_number() over (partition by process, kind, channel order by elapsed_h, case_no) as by_elapsed,
        row_number() over (partition by process, kind, channel order by working_h, case_no) as by_working,
        count(*) over (partition by process, kind, channel) as cases
    from cases
)
-- percentiles are nearest-rank: of n values the ceil(p * n)-th, in whole numbers
select
    process,
    kind,
    channel,
    max(cases) as cases,
    max(case when by_people = (cases + 1) // 2 then people end) as median_people,
    max(case when by_handovers = (cases + 1) // 2 then handovers end) as median_handovers,
    max(handovers) as most_handovers,
    max(case when by_elapsed = (cases + 1) // 2 then elapsed_h end) as median_elapsed_h,
    max(case when by_elapsed = (9 * cases + 9) // 10 then elapsed_h end) as p90_elapsed_h,
    max(case when by_working = (cases + 1) // 2 then working_h end) as median_working_h,
    max(case when by_working = (9 * cases + 9) // 10 then working_h end) as p90_working_h
from ranked
group by process, kind, channel
order by process, kind, channel
