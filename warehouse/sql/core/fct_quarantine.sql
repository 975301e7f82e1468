-- one row per row that could not be moved, open or settled
-- · from hub.quarantine, hub.interventions · read by mart_metric, mart_gap_record
with entries as (select * from staging.hub_quarantine),
acts as (select * from staging.hub_interventions),
rates as (select * from core.dim_exchange_rate),
build as (select * from staging.build),
touched as (
    select entry_no, count(*) as interventions from acts where entry_no is not null group by entry_no
),
dated as (
    select
        entries.*,
        cast(coalesce(entries.happened_at, entries.first_seen_at) at time zone build.timezone as date)
            as happened_on
    from entries
    cross join build
)
select
    dated.entry_no,
    dated.flow,
    dated.step,
    dated.stream,
    dated.record_key,
    dated.state,
    dated.state in ('quarantined', 'waiting') as is_open,
    dated.rule,
    dated.times_seen,
    dated.first_seen_at,
    dated.last_seen_at,
    dated.opened_at,
    dated.resolved_at,
    greatest(0, date_diff(
        'day',
        cast(dated.opened_at at time zone build.timezone as date),
        cast(coalesce(dated.resolved_at, build.as_of) at time zone build.timezone as date)
    )) as age_days,
    coalesce(touched.interventions, 0) as interventions,
    dated.happened_on,
    dated.amount as record_amount,
    dated.currency as record_currency,
    cast(round(dated.amount * rates.rate, 4) as decimal(18, 4)) as amount,
    build.currency
from dated
cross join build
left join touched on touched.entry_no = dated.entry_no
left join rates on rates.currency = dated.currency and rates.on_date = dated.happened_on
order by dated.entry_no
