-- one row per metric and stream that it is made of, or whose rows set aside would change it
-- · from the passports, rows set aside, mart_data_health · read by mart_metric, the passports' page
with passports as (select * from marts.int_metric_passport),
set_aside as (select * from marts.int_metric_set_aside),
health as (select * from marts.mart_data_health),
build as (select * from staging.company),
pairs as (
    select metric, unnest(string_split(streams, ' ')) as stream from passports
    union
    select metric, stream from set_aside
),
aside as (
    select
        set_aside.metric,
        set_aside.stream,
        count(*) as rows,
        sum(case when set_aside.is_quarantined then 0 else 1 end) as waiting,
        sum(set_aside.amount) as amount,
        sum(case when set_aside.amount is null then 1 else 0 end) as unknown_rows
    from set_aside
    group by set_aside.metric, set_aside.stream
)
select
    pairs.metric,
    pairs.stream,
    split_part(pairs.stream, '.', 1) as system,
    health.read_at,
    health.last_changed_at,
    coalesce(health.rows, 0) as rows,
    coalesce(health.state, 'not_read') as state,
    health.compared_at,
    coalesce(health.checks_passed, 0) as checks_passed,
    coalesce(health.checks_failed, 0) as checks_failed,
    coalesce(health.checks_unchecked, 0) as checks_unchecked,
    coalesce(aside.rows, 0) as quarantined_rows,
    cast(coalesce(aside.waiting, 0) as bigint) as waiting_rows,
    case when passports.unit_kind = 'money' then cast(coalesce(aside.amount, 0) as decimal(18, 4)) end
        as quarantined_amount,
    case when passports.unit_kind = 'money' then cast(coalesce(aside.unknown_rows, 0) as bigint) end
        as unknown_rows,
    build.currency
from pairs
cross join build
join passports on passports.metric = pairs.metric
left join health on health.stream = pairs.stream
left join aside on aside.metric = pairs.metric and aside.stream = pairs.stream
order by passports.sort_order, pairs.stream
