-- one row per event of a lead and object it is about
-- · from leads, their stages and activities · read by int_event
-- made anew by document_no:
--  core.fct_lead as lead_no
--  staging.crm_lead_stages as lead_no
--  core.fct_order as lead_no
--  core.fct_activity as activity_no
with leads as (select * from core.fct_lead),
stages as (select * from staging.crm_lead_stages),
activities as (select * from core.fct_activity),
orders as (select * from core.fct_order),
told as (
    select
        stages.lead_no,
        min(case when stages.entered_at = leads.created_at and stages.stage = 'new' then by_no end) as by_no,
        max(case when stages.stage = 'qualified' then 1 else 0 end) as has_qualified,
        max(case when stages.stage in ('won', 'lost') then 1 else 0 end) as has_closed
    from stages
    join leads on leads.lead_no = stages.lead_no
    group by stages.lead_no
),
milestones as (
    select
        leads.lead_no || ':created' as event_no, 'lead created' as kind, leads.created_at as happened_at,
        told.by_no as actor_no, leads.lead_no
    from leads
    left join told on told.lead_no = leads.lead_no
    union all
    -- the stage that a lead is created in is not entered a second time
    select
        stages.lead_stage_no || ':entered', 'lead ' || stages.stage, stages.entered_at, stages.by_no,
        stages.lead_no
    from stages
    join leads on leads.lead_no = stages.lead_no
    where not (stages.stage = 'new' and stages.entered_at = leads.created_at)
    union all
    -- of a lead without a history of stages the lead itself says when
    select leads.lead_no || ':qualified', 'lead qualified', leads.qualified_at, null, leads.lead_no
    from leads
    left join told on told.lead_no = leads.lead_no
    where coalesce(told.has_qualified, 0) = 0
    union all
    select leads.lead_no || ':closed', 'lead ' || leads.stage, leads.closed_at, null, leads.lead_no
    from leads
    left join told on told.lead_no = leads.lead_no
    where leads.is_closed and coalesce(told.has_closed, 0) = 0
),
about as (
    select
        event_no, kind, kind as activity, happened_at, actor_no, 'lead' as object_type,
        lead_no as object_no, lead_no as document_no
    from milestones
    union all
    -- a lead's way to the order is the order's too
    select event_no, kind, kind, happened_at, actor_no, 'order', orders.order_key, milestones.lead_no
    from milestones
    join orders on orders.lead_no = milestones.lead_no
    union all
    select
        activities.activity_no || ':activity',
        case when activities.kind = 'trip' then 'trip reported' else 'contact' end,
        case when activities.kind = 'trip' then 'trip reported' else activities.kind end,
        activities.happened_at, activities.employee_no, objects.object_type,
        case objects.object_type when 'lead' then activities.lead_no when 'account' then activities.account_no
            else activities.request_no end,
        activities.activity_no
    from activities
    cross join (values ('lead'), ('account'), ('request')) as objects (object_type)
)
select
    event_no, kind, 0 as round_no, activity, happened_at, actor_no, 'crm' as system, 'system' as channel,
    object_type, object_no, document_no
from about
where object_no is not null and happened_at is not null
