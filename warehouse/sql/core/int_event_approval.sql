-- one row per approval event and object it is about
-- · from requests and their steps · read by fct_process_event
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
        request_no, request_no || ':asked' as event_no, 'request filed' as activity,
        requested_at as happened_at,
        requester_no as actor_no, channel
    from requests
    union all
    select
        request_no, step_no, 'step ' || decision, decided_at, decided_by_no, channel
    from steps
    where decided_at is not null
)
select
    events.event_no,
    events.activity,
    events.happened_at,
    events.actor_no,
    'oa' as system,
    events.channel,
    objects.object_type,
    objects.object_no
from events
join objects on objects.request_no = events.request_no
