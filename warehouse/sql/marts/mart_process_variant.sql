-- one row per process and the way its cases took
-- · from the cases of processes · read by process views
with cases as (select * from marts.int_process_case),
-- percentiles are nearest-rank: of n values the ceil(p * n)-th
grouped as (
    select
        process,
        path,
        max(path_steps) as path_steps,
        count(*) as cases,
        percentile_disc(0.5) within group (order by elapsed_h) as median_elapsed_h,
        percentile_disc(0.9) within group (order by elapsed_h) as p90_elapsed_h,
        percentile_disc(0.5) within group (order by working_h) as median_working_h,
        percentile_disc(0.9) within group (order by working_h) as p90_working_h,
        sum(case when repeats > 0 then 1 else 0 end) as repeated,
        sum(case when channel = 'paper' then 1 else 0 end) as on_paper,
        max(case_no) as example_case_no
    from cases
    group by process, path
),
shared as (
    select *, sum(cases) over (partition by process) as all_cases from grouped
)
select
    process,
    row_number() over (partition by process order by cases desc, example_case_no) as variant_no,
    path,
    path_steps,
    cases,
    cast(round(cases / all_cases, 4) as decimal(18, 4)) as case_share,
    median_elapsed_h,
    p90_elapsed_h,
    median_working_h,
    p90_working_h,
    cast(round(repeated / cases, 4) as decimal(18, 4)) as rework_share,
    cast(round(on_paper / cases, 4) as decimal(18, 4)) as paper_share,
    example_case_no
from shared
order by process, variant_no
