-- one row per process, kind of case and channel: through how many hands it goes, and how long that takes
-- · from the cases of processes · read by process views
with cases as (select * from marts.int_process_case),
groups as (
    select
        row_number() over (order by process, kind, channel) as group_no,
        process, kind, channel,
        count(*) as cases,
        max(handovers) as most_handovers
    from cases
    group by process, kind, channel
),
-- ranks are many: a number is sorted several times as fast as the names it stands for
ranked as (
    select
        groups.group_no, groups.cases, cases.people, cases.handovers, cases.elapsed_h, cases.working_h,
        row_number() over (partition by groups.group_no order by cases.people) as by_people,
        row_number() over (partition by groups.group_no order by cases.handovers) as by_handovers,
        row_number() over (partition by groups.group_no order by cases.elapsed_h) as by_elapsed,
        row_number() over (partition by groups.group_no order by cases.working_h) as by_working
    from cases
    join groups
        on groups.process = cases.process and groups.kind = cases.kind and groups.channel = cases.channel
),
-- percentiles are nearest-rank: of n values the ceil(p * n)-th, in whole numbers
percentiles as (
    select
        group_no,
        max(case when by_people = (cases + 1) // 2 then people end) as median_people,
        max(case when by_handovers = (cases + 1) // 2 then handovers end) as median_handovers,
        max(case when by_elapsed = (cases + 1) // 2 then elapsed_h end) as median_elapsed_h,
        max(case when by_elapsed = (9 * cases + 9) // 10 then elapsed_h end) as p90_elapsed_h,
        max(case when by_working = (cases + 1) // 2 then working_h end) as median_working_h,
        max(case when by_working = (9 * cases + 9) // 10 then working_h end) as p90_working_h
    from ranked
    group by group_no
)
select
    groups.process,
    groups.kind,
    groups.channel,
    groups.cases,
    percentiles.median_people,
    percentiles.median_handovers,
    groups.most_handovers,
    percentiles.median_elapsed_h,
    percentiles.p90_elapsed_h,
    percentiles.median_working_h,
    percentiles.p90_working_h
from groups
join percentiles on percentiles.group_no = groups.group_no
order by groups.process, groups.kind, groups.channel
