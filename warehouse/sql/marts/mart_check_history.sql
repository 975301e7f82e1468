-- one row per check and run of the warehouse, as long as results are kept
-- · from quality.results · read by the data-quality pages
with results as (select * from quality.results)
select
    run_id,
    gate as check_name,
    checked_at,
    layer,
    on_table,
    severity,
    outcome as result,
    violations,
    cast(round(seconds, 6) as decimal(18, 6)) as seconds,
    checked_run_id,
    follows as follows_check
from results
order by run_id, gate
