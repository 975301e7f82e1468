-- one row per event and object it is about, so that an event counts once for each object
-- · from what happened in all three systems · read by process views
with sales as (select * from core.int_event_sales),
approval as (select * from core.int_event_approval),
delivery as (select * from core.int_event_delivery),
people as (select * from core.dim_employee where is_current),
events as (
    select * from sales
    union all
    select * from approval
    union all
    select * from delivery
)
select
    events.event_no,
    events.object_type,
    events.object_no,
    events.activity,
    events.happened_at,
    events.actor_no,
    people.name as actor,
    events.system,
    events.channel
from events
left join people on people.employee_no = events.actor_no
order by events.event_no, events.object_type, events.object_no
