-- one row per stream that was read or whose rows were set aside
-- · from raw.streams, hub.quarantine, the gates · read by every page's footer
with streams as (select * from raw.streams),
totals as (select * from raw.source_totals where column_name = '*'),
set_aside as (select * from staging.hub_quarantine),
gates as (select * from quality.latest),
gate_streams as (select * from quality.gate_streams),
counted as (select stream, cast(sum(total) as bigint) as rows from totals group by stream),
aside as (
    select
        stream,
        sum(case when state = 'waiting' then 1 else 0 end) as waiting,
        sum(case when state = 'waiting' then 0 else 1 end) as quarantined
    from set_aside
    group by stream
),
checked as (
    select
        gate_streams.stream,
        sum(case when gates.outcome = 'passed' then 1 else 0 end) as passed,
        sum(case when gates.outcome = 'failed' then 1 else 0 end) as failed,
        sum(case when gates.outcome = 'could_not_check' then 1 else 0 end) as unchecked,
        max(case when gates.gate like 'fresh:%' and gates.outcome <> 'passed' then 1 else 0 end) as is_stale
    from gates
    join gate_streams on gate_streams.gate = gates.gate
    group by gate_streams.stream
),
known as (
    select stream from streams
    union
    select stream from aside
)
select
    split_part(known.stream, '.', 1) as system,
    known.stream,
    coalesce(counted.rows, 0) as rows,
    streams.last_changed_at,
    streams.read_at,
    cast(coalesce(aside.waiting, 0) as bigint) as waiting,
    cast(coalesce(aside.quarantined, 0) as bigint) as quarantined,
    cast(coalesce(checked.passed, 0) as bigint) as checks_passed,
    cast(coalesce(checked.failed, 0) as bigint) as checks_failed,
    cast(coalesce(checked.unchecked, 0) as bigint) as checks_unchecked,
    case
        when coalesce(counted.rows, 0) = 0 then 'empty'
        when coalesce(checked.is_stale, 0) = 1 then 'stale'
        else 'fresh'
    end as state
from known
left join streams on streams.stream = known.stream
left join counted on counted.stream = known.stream
left join aside on aside.stream = known.stream
left join checked on checked.stream = known.stream
order by known.stream
