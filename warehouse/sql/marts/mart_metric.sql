-- one row per metric, six of them, each with its passport
-- · from the int_metric models, mart_metric_source, the gates · read by the report's first page
with sales as (select * from marts.int_metric_sales),
work as (select * from marts.int_metric_work),
passports as (select * from marts.int_metric_passport),
gates as (select * from quality.latest),
gate_streams as (select * from quality.gate_streams),
sources as (select * from marts.mart_metric_source),
build as (select * from staging.build),
figures as (
    select * from sales
    union all
    select * from work
),
checked as (
    select
        passports.metric,
        count(distinct case when gates.outcome = 'passed' then gates.gate end) as checks_passed,
        count(distinct case when gates.outcome <> 'passed' then gates.gate end) as checks_failed,
        count(distinct case when gates.outcome = 'could_not_check' then gates.gate end) as checks_unchecked
    from passports
    join gate_streams on strpos(' ' || passports.streams || ' ', ' ' || gate_streams.stream || ' ') > 0
    join gates on gates.gate = gate_streams.gate
    group by passports.metric
),
aside as (
    select
        metric,
        min(read_at) as read_at,
        sum(quarantined_rows) as quarantined_rows,
        sum(waiting_rows) as waiting_rows,
        sum(quarantined_amount) as quarantined_amount,
        sum(unknown_rows) as unknown_rows
    from sources
    group by metric
),
changed as (
    select
        *,
        cast(case when previous_value <> 0
            then round(cast(value - previous_value as double) / cast(previous_value as double), 4)
        end as decimal(18, 4)) as change_rate
    from figures
)
select
    passports.metric,
    passports.title,
    changed.value,
    case when passports.unit_kind = 'money' then build.currency else passports.unit_kind end as unit,
    changed.previous_value,
    changed.change_rate,
    case
        when passports.better = 'neutral' or changed.value is null then 'neutral'
        when passports.metric = 'stuck_in_gaps' then case when changed.value > 0 then 'bad' else 'good' end
        -- within two percent nothing has changed
        when changed.change_rate is null or changed.change_rate between -0.02 and 0.02 then 'neutral'
        when (changed.change_rate > 0) = (passports.better = 'up') then 'good'
        else 'bad'
    end as verdict,
    passports.definition,
    build.as_of,
    aside.read_at,
    coalesce(checked.checks_passed, 0) as checks_passed,
    coalesce(checked.checks_failed, 0) as checks_failed,
    coalesce(checked.checks_unchecked, 0) as checks_unchecked,
    cast(coalesce(aside.quarantined_rows, 0) as bigint) as quarantined_rows,
    cast(coalesce(aside.waiting_rows, 0) as bigint) as waiting_rows,
    cast(aside.quarantined_amount as decimal(18, 4)) as quarantined_amount,
    cast(aside.unknown_rows as bigint) as unknown_rows,
    passports.streams,
    passports.sort_order
from passports
cross join build
left join changed on changed.metric = passports.metric
left join checked on checked.metric = passports.metric
left join aside on aside.metric = passports.metric
order by passports.sort_order
