-- one row per metric about work between people
-- · from fct_approval, fct_lead, mart_handoff_gaps, int_business_object · read by mart_metric
with approvals as (select * from core.fct_approval),
leads as (select * from core.fct_lead),
gaps as (select * from marts.mart_handoff_gaps),
objects as (select * from marts.int_business_object),
build as (select * from staging.build),
decided as (
    select
        approvals.request_no,
        approvals.working_h,
        case when approvals.decided_at > build.as_of - interval 90 day then 'now' else 'before' end as period
    from approvals
    cross join build
    where approvals.status in ('approved', 'refused') and approvals.working_h is not null
        and approvals.decided_at > build.as_of - interval 180 day and approvals.decided_at <= build.as_of
),
ranked as (
    select
        *,
        row_number() over (partition by period order by working_h, request_no) as position,
        count(*) over (partition by period) as total
    from decided
),
approval as (
    select
        max(case when period = 'now' and position = (total + 1) // 2 then working_h end) as value,
        max(case when period = 'before' and position = (total + 1) // 2 then working_h end) as previous_value
    from ranked
),
closed as (
    select
        leads.is_won,
        case when leads.closed_at > build.as_of - interval 180 day then 'now' else 'before' end as period
    from leads
    cross join build
    where leads.closed_at > build.as_of - interval 360 day and leads.closed_at <= build.as_of
),
won as (
    select
        period, round(sum(case when is_won then 1 else 0 end) / count(*), 4) as win_rate
    from closed
    group by period
),
-- a document in two gaps is stuck once
documents as (
    select document_stream, document_no, max(amount) as amount from gaps group by document_stream, document_no
),
-- an order is one money under all its numbers; only its payments are each money of their own
numbered as (
    select
        objects.object_type,
        objects.object_no,
        case when documents.document_stream = 'erp.payments' then sum(documents.amount)
            else max(documents.amount) end as amount
    from documents
    join objects
        on objects.document_stream = documents.document_stream
        and objects.document_no = documents.document_no
    group by objects.object_type, objects.object_no, documents.document_stream
),
stuck as (select object_type, object_no, max(amount) as amount from numbered group by object_type, object_no)
select
    'approval_hours' as metric, cast(value as decimal(18, 4)) as value,
    cast(previous_value as decimal(18, 4)) as previous_value
from approval
union all
select
    'win_rate',
    cast(max(case when period = 'now' then win_rate end) as decimal(18, 4)),
    cast(max(case when period = 'before' then win_rate end) as decimal(18, 4))
from won
union all
select 'stuck_in_gaps', cast(coalesce(sum(amount), 0) as decimal(18, 4)), cast(null as decimal(18, 4))
from stuck
