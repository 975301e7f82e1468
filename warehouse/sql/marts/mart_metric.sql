-- one row per metric, six of them, each with its passport
-- · from the int_metric models, the gates, hub.quarantine · read by the report's first page
with sales as (select * from marts.int_metric_sales),
work as (select * from marts.int_metric_work),
passports as (select * from marts.int_metric_passport),
gates as (select * from quality.latest),
gate_streams as (select * from quality.gate_streams),
set_aside as (select * from staging.hub_quarantine),
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
        count(distinct case when gates.outcome <> 'passed' then gates.gate end) as checks_failed
    from passports
    join gate_streams on strpos(' ' || passports.streams || ' ', ' ' || gate_streams.stream || ' ') > 0
    join gates on gates.gate = gate_streams.gate
    group by passports.metric
),
aside as (
    select passports.metric, count(*) as quarantined_rows
    from passports
    join set_aside on strpos(' ' || passports.streams || ' ', ' ' || set_aside.stream || ' ') > 0
    group by passports.metric
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
    coalesce(checked.checks_passed, 0) as checks_passed,
    coalesce(checked.checks_failed, 0) as checks_failed,
    coalesce(aside.quarantined_rows, 0) as quarantined_rows,
    passports.streams,
    passports.sort_order
from passports
cross join build
left join changed on changed.metric = passports.metric
left join checked on checked.metric = passports.metric
left join aside on aside.metric = passports.metric
order by passports.sort_order
