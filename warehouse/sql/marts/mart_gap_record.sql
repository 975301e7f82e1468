-- one row per gap and record behind it, in whatever system
-- · from the int_gap_record models, what the hub wrote and set aside · read by the page of a gap
with gaps as (select * from marts.mart_handoff_gaps),
sales as (select * from marts.int_gap_record_sales),
office as (select * from marts.int_gap_record_office),
links as (select * from core.fct_hub_link),
set_aside as (select * from core.fct_quarantine where is_open),
build as (select * from staging.company),
business as (
    select * from sales
    union all
    select * from office
),
-- what the hub wrote for a record of the gap into another one of it
linked as (
    select
        sources.gap_key, 'hub.links' as stream,
        concat_ws(' ', links.flow || '.' || links.step, links.source_key, links.target_key) as record_key,
        'link' as role, links.written_at as happened_at, cast(null as decimal(18, 4)) as amount,
        links.source_stream || ' to ' || links.target_stream as says
    from business sources
    join links on links.source_stream = sources.stream and links.source_key = sources.record_key
),
aside as (
    select
        business.gap_key, 'hub.quarantine' as stream, cast(set_aside.entry_no as varchar) as record_key,
        'set aside' as role, set_aside.last_seen_at as happened_at, set_aside.amount,
        set_aside.flow || '.' || set_aside.step || ' ' || set_aside.state || ', ' || set_aside.rule as says
    from business
    join set_aside
        on set_aside.stream = business.stream and set_aside.record_key = business.record_key
),
records as (
    select * from business
    union all
    select * from linked
    union all
    select * from aside
)
select
    records.gap_key,
    records.stream,
    records.record_key,
    split_part(records.stream, '.', 1) as system,
    records.role,
    records.stream = gaps.document_stream and records.record_key = gaps.document_no as is_document,
    records.happened_at,
    records.amount,
    build.currency,
    records.says
from records
cross join build
join gaps on gaps.gap_key = records.gap_key
order by records.gap_key, records.happened_at, records.stream, records.record_key
