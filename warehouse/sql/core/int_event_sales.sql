-- one row per sales event and object it is about · from leads, activities, orders · read by fct_process_event
with stages as (select * from staging.crm_lead_stages),
activities as (select * from core.fct_activity),
orders as (select * from core.fct_order),
events as (
    select
        lead_stage_no as event_no, 'lead ' || stage as activity, entered_at as happened_at, by_no as actor_no,
        'crm' as system, 'system' as channel, 'lead' as object_type, lead_no as object_no
    from stages
    union all
    select activity_no, kind, happened_at, employee_no, 'crm', 'system', 'lead', lead_no from activities
    union all
    select activity_no, kind, happened_at, employee_no, 'crm', 'system', 'request', request_no from activities
    union all
    select
        order_no || ':ordered', 'order ' || order_status, ordered_at, owner_no, 'crm', 'system',
        'order', order_key
    from orders
    where order_no is not null
    union all
    select
        order_no || ':ordered', 'order ' || order_status, ordered_at, owner_no, 'crm', 'system',
        'lead', lead_no
    from orders
    where order_no is not null
    union all
    select
        sales_order_no || ':booked', 'order booked', booked_at, cast(null as varchar), 'erp', channel,
        'order', order_key
    from orders
    where sales_order_no is not null and sales_status not in ('requested', 'refused')
)
select * from events where object_no is not null and happened_at is not null
