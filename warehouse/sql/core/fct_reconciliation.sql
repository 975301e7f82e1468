-- one row per comparison of a step's two sides · from hub.reconciliations · read by mart_data_health
with comparisons as (select * from staging.hub_reconciliations),
ranked as (
    select
        *,
        row_number() over (
            partition by flow, step order by compared_at desc, reconciliation_no desc
        ) as position
    from comparisons
)
select
    reconciliation_no,
    flow,
    step,
    stream,
    compared_at,
    compared,
    equal,
    different,
    missing,
    extra,
    repaired,
    still_different,
    position = 1 as is_latest
from ranked
order by reconciliation_no
