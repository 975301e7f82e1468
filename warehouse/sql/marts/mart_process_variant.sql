-- one row per process and the way its cases took
-- · from the cases of processes · read by process views
with cases as (select * from marts.int_process_case),
ranked as (
    select
        *,
        row_number() over (partition by process, path order by elapsed_h, case_no) as by_elapsed,
        row_number() over (partition by process, path order by working_h, case_no) as by_working,
        count(*) over (partition by process, path) as cases,
        count(*) over (partition by process) as all_cases
    from cases
),
-- percentiles are nearest-rank: of n values the ceil(p * n)-th, in whole numbers
grouped as (
    select
        process,
        path,
        max(path_steps) as path_steps,
        max(cases) as cases,
        max(all_cases) as all_cases,
        max(case when by_elapsed = (cases + 1) // 2 then elapsed_h end) as median_elapsed_h,
        max(case when by_elapsed = (9 * cases + 9) // 10 then elapsed_h end) as p90_elapsed_h,
        max(case when by_working = (cases + 1) // 2 then working_h end) as median_working_h,
        max(case when by_working = (9 * cases + 9) // 10 then working_h end) as p90_working_h,
        sum(case when repeats > 0 then 1 else 0 end) as repeated,
        sum(case when channel = 'paper' then 1 else 0 end) as on_paper,
        max(case_no) as example_case_no
    from ranked
    group by process, path
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
from grouped
order by process, variant_no
