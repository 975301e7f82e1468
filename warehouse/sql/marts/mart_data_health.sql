-- one row per stream that was read or whose rows were set aside
-- · from raw.streams, fct_quarantine, fct_reconciliation, the gates · read by every page's footer
with streams as (select * from raw.streams),
totals as (select * from raw.source_totals where column_name = '*'),
set_aside as (select * from core.fct_quarantine),
comparisons as (select * from core.fct_reconciliation where is_latest),
conflicts as (select * from staging.hub_conflicts),
gates as (select * from quality.latest),
gate_streams as (select * from quality.gate_streams),
counted as (select stream, cast(sum(total) as bigint) as rows from totals group by stream),
aside as (
    select
        stream,
        sum(case when state = 'waiting' then 1 else 0 end) as waiting,
        sum(case when state = 'quarantined' then 1 else 0 end) as quarantined,
        sum(interventions) as interventions
    from set_aside
    group by stream
),
-- several steps may write a stream: all of their last comparisons, the oldest says since when
compared as (
    select
        stream,
        min(compared_at) as compared_at,
        sum(compared) as compared,
        sum(different) as different,
        sum(missing) as missing,
        sum(extra) as extra,
        sum(still_different) as still_different
    from comparisons
    group by stream
),
overruled as (select stream, count(*) as conflicts from conflicts group by stream),
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
known as (select stream from streams union select stream from aside)
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
    compared.compared_at,
    cast(compared.compared as bigint) as compared,
    cast(compared.different as bigint) as different,
    cast(compared.missing as bigint) as missing,
    cast(compared.extra as bigint) as extra,
    cast(compared.still_different as bigint) as still_different,
    coalesce(overruled.conflicts, 0) as conflicts,
    cast(coalesce(aside.interventions, 0) as bigint) as interventions,
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
left join compared on compared.stream = known.stream
left join overruled on overruled.stream = known.stream
order by known.stream
