-- one row per process and the way its cases took
-- · from the cases of processes · read by process views
with cases as (select * from marts.int_process_case),
grouped as (
    select
        row_number() over (partition by process order by count(*) desc, max(case_no)) as variant_no,
        row_number() over (order by process, path) as way_no,
        process,
        path,
        max(path_steps) as path_steps,
        count(*) as cases,
        sum(case when repeats > 0 then 1 else 0 end) as repeated,
        sum(case when channel = 'paper' then 1 else 0 end) as on_paper,
        max(case_no) as example_case_no
    from cases
    group by process, path
),
ways as (select *, sum(cases) over (partition by process) as all_cases from grouped),
-- ranks are many: a number is sorted several times as fast as the path it stands for
ranked as (
    select
        ways.way_no, ways.cases, cases.elapsed_h, cases.working_h,
        row_number() over (partition by ways.way_no order by cases.elapsed_h) as by_elapsed,
        row_number() over (partition by ways.way_no order by cases.working_h) as by_working
    from cases
    join ways on ways.process = cases.process and ways.path is not distinct from cases.path
),
-- percentiles are nearest-rank: of n values the ceil(p * n)-th, in whole numbers
percentiles as (
    select
        way_no,
        max(case when by_elapsed = (cases + 1) // 2 then elapsed_h end) as median_elapsed_h,
        max(case when by_elapsed = (9 * cases + 9) // 10 then elapsed_h end) as p90_elapsed_h,
        max(case when by_working = (cases + 1) // 2 then working_h end) as median_working_h,
        max(case when by_working = (9 * cases + 9) // 10 then working_h end) as p90_working_h
    from ranked
    group by way_no
)
select
    ways.process,
    ways.variant_no,
    ways.path,
    ways.path_steps,
    ways.cases,
    cast(round(ways.cases / ways.all_cases, 4) as decimal(18, 4)) as case_share,
    percentiles.median_elapsed_h,
    percentiles.p90_elapsed_h,
    percentiles.median_working_h,
    percentiles.p90_working_h,
    cast(round(ways.repeated / ways.cases, 4) as decimal(18, 4)) as rework_share,
    cast(round(ways.on_paper / ways.cases, 4) as decimal(18, 4)) as paper_share,
    ways.example_case_no
from ways
join percentiles on percentiles.way_no = ways.way_no
order by ways.process, ways.variant_no
