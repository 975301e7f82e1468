-- one row per metric and document set aside that would change it, however many steps set it aside
-- · from fct_quarantine, int_metric_effect, int_metric_passport, int_business_object
-- · read by mart_metric, mart_metric_source
with entries as (select * from core.fct_quarantine where is_open),
effects as (select * from marts.int_metric_effect),
passports as (select * from marts.int_metric_passport),
objects as (select * from marts.int_business_object),
build as (select * from staging.build),
affected as (
    select effects.metric, entries.stream as of_stream, entries.*
    from entries
    join effects on effects.flow = entries.flow and effects.step = entries.step
    where entries.state = 'quarantined' or effects.waiting_counts
    union all
    -- what an import could not bring is in no store: it would change every number made of its stream
    select passports.metric, entries.step, entries.*
    from entries
    join passports on strpos(' ' || passports.streams || ' ', ' ' || entries.step || ' ') > 0
    where starts_with(entries.flow, 'import')
),
placed as (
    select affected.*
    from affected
    cross join build
    -- an order of before the window is not in it
    where affected.metric <> 'revenue_30d' or affected.happened_on > build.as_on - 30
),
documents as (
    select
        metric,
        of_stream as stream,
        coalesce(record_key, cast(entry_no as varchar)) as record_key,
        max(case when state = 'waiting' then 0 else 1 end) = 1 as is_quarantined,
        max(abs(amount)) as amount
    from placed
    group by metric, of_stream, coalesce(record_key, cast(entry_no as varchar))
),
-- an order is one money under all its numbers, as in the metric: its others are rows that add nothing
ranked as (
    select
        documents.*,
        coalesce(objects.object_type, documents.stream) as object_type,
        coalesce(objects.object_no, documents.record_key) as object_no,
        row_number() over (
            partition by documents.metric, documents.stream, objects.object_type,
                coalesce(objects.object_no, documents.record_key)
            order by documents.amount desc nulls last, documents.record_key
        ) as position
    from documents
    left join objects
        on objects.document_stream = documents.stream and objects.document_no = documents.record_key
),
counted as (
    select
        *,
        case when position = 1 or stream = 'erp.payments' then amount
            when amount is not null then 0 end as own_amount
    from ranked
),
summed as (
    select *, sum(own_amount) over (partition by metric, object_type, object_no, stream) as stream_amount
    from counted
)
select
    metric,
    stream,
    record_key,
    is_quarantined,
    case when dense_rank() over (
        partition by metric, object_type, object_no order by stream_amount desc nulls last, stream
    ) = 1 then own_amount when amount is not null then 0 end as amount
from summed
