-- one row per check, as it came out last
-- · from quality.results, quality.gate_streams · read by the data-quality pages
with results as (select * from quality.results),
gate_streams as (select * from quality.gate_streams),
newest as (select max(run_id) as run_id from results),
latest as (
    select results.*
    from results
    join newest on newest.run_id = results.run_id
),
-- how long it has not passed: since the first result after the last pass that is still kept
passed as (
    select gate, max(run_id) as run_id
    from results
    where outcome = 'passed'
    group by gate
),
failing as (
    select results.gate, min(results.checked_at) as failing_since
    from results
    left join passed on passed.gate = results.gate
    where results.outcome <> 'passed' and results.run_id > coalesce(passed.run_id, 0)
    group by results.gate
),
streams as (
    select gate, string_agg(stream, ' ' order by stream) as streams
    from gate_streams
    group by gate
)
select
    latest.gate as check_name,
    latest.layer,
    latest.on_table,
    latest.severity,
    latest.outcome as result,
    latest.severity = 'error' and latest.outcome <> 'passed' as holds,
    latest.says,
    latest.violations,
    latest.message,
    latest.follows as follows_check,
    failing.failing_since,
    latest.checked_at,
    latest.checked_run_id,
    cast(round(latest.seconds, 6) as decimal(18, 6)) as seconds,
    streams.streams
from latest
left join failing on failing.gate = latest.gate
left join streams on streams.gate = latest.gate
order by latest.gate
