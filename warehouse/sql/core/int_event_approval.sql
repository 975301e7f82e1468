-- one row per event of an approval request and object it is about
-- · from requests and their steps · read by int_event
-- made anew by document_no:
--  core.fct_approval as request_no
--  core.fct_approval_step as request_no
--  core.fct_order through core.fct_approval as request_no on source_key = order_no
with requests as (select * from core.fct_approval),
steps as (select * from core.fct_approval_step),
orders as (select * from core.fct_order),
-- a request is about itself, about the lead of its trip, about the order that waits for it
objects as (
    select request_no, 'request' as object_type, request_no as object_no from requests
    union all
    select request_no, 'lead', lead_no from requests where lead_no is not null
    union all
    select requests.request_no, 'order', orders.order_key
    from requests
    join orders on orders.order_no = requests.source_key and requests.source_stream = 'crm.orders'
),
events as (
    select
        request_no, request_no || ':filed' as event_no, 'request filed' as kind, 0 as round_no,
        'request filed' as activity, requested_at as happened_at, requester_no as actor_no, channel
    from requests
    union all
    select
        request_no, step_no || ':asked', 'approval asked', sequence, step_name || ' asked', asked_at,
        cast(null as varchar), channel
    from steps
    union all
    -- a step that a cancel or another's refusal closed was decided by nobody
    select
        request_no, step_no || ':decided', 'approval decided', sequence, step_name || ' ' || decision,
        decided_at, decided_by_no, channel
    from steps
    where decision in ('approved', 'refused')
    union all
    -- the request itself says what was decided where no step does, as of a form that went around on paper
    select
        request_no, request_no || ':request decided', 'request decided', 0, 'request ' || status,
        decided_at, null, channel
    from requests
    where status in ('approved', 'refused') and steps = 0
    union all
    -- only who asked may cancel
    select
        request_no, request_no || ':request cancelled', 'request cancelled', 0, 'request cancelled',
        decided_at, requester_no, channel
    from requests
    where status = 'cancelled'
)
select
    events.event_no,
    events.kind,
    events.round_no,
    events.activity,
    events.happened_at,
    events.actor_no,
    'oa' as system,
    events.channel,
    objects.object_type,
    objects.object_no,
    events.request_no as document_no
from events
join objects on objects.request_no = events.request_no
where events.happened_at is not null
