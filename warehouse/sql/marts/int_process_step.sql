-- one row per process, case and event: an order's way from lead to cash, a request's way to its decision
-- · from fct_process_event · read by int_process_case, int_process_handover, mart_rework
-- made anew by process, case_no:
--  core.fct_process_event as case object_type when 'order' then 'lead_to_cash' else 'approval' end, object_no
with events as (select * from core.fct_process_event),
kinds as (select * from core.int_activity_kind)
select
    case events.object_type when 'order' then 'lead_to_cash' else 'approval' end as process,
    events.object_no as case_no,
    events.sequence,
    events.event_no,
    events.activity,
    events.happened_at,
    events.actor_no,
    events.system,
    events.channel,
    coalesce(events.elapsed_h, 0) as elapsed_h,
    coalesce(events.working_h, 0) as working_h,
    events.is_rework,
    coalesce(kinds.is_routing, false) as is_routing,
    coalesce(strpos(kinds.once_for, events.object_type) > 0, true) as comes_once,
    -- three payments are one step on an order's way; the same approval asked twice is two
    events.occurrence = 1 or coalesce(strpos(kinds.once_for, events.object_type) > 0, true) as is_in_path
from events
left join kinds on kinds.kind = events.kind
where events.object_type in ('order', 'request')
