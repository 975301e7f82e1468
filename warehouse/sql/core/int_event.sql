-- one row per event and object it is about, with its place in the process and whose hours count
-- · from what happened in all three systems · read by fct_process_event
-- made anew by object_type, object_no:
--  core.int_event_lead
--  core.int_event_order
--  core.int_event_report_back
--  core.int_event_approval
--  core.int_event_booking
--  core.int_event_delivery
--  core.dim_employee through core.int_event on actor_no = employee_no
with kinds as (select * from core.int_activity_kind),
leads as (select * from core.int_event_lead),
orders as (select * from core.int_event_order),
reports as (select * from core.int_event_report_back),
approvals as (select * from core.int_event_approval),
bookings as (select * from core.int_event_booking),
deliveries as (select * from core.int_event_delivery),
-- with an end that is always there the join compares and nothing else: it is looked up, not tried row by row
people as (
    select *, coalesce(valid_to, timestamptz '9999-12-31 00:00:00+00') as until_at from core.dim_employee
),
calendars as (select * from core.int_calendar),
fallback as (select country from calendars where is_default),
events as (
    select * from leads
    union all
    select * from orders
    union all
    select * from reports
    union all
    select * from approvals
    union all
    select * from bookings
    union all
    select * from deliveries
)
select
    events.event_no,
    events.object_type,
    events.object_no,
    events.kind,
    events.activity,
    -- a stage that is not declared comes after the others of its instant
    coalesce(kinds.place, 2000) + 2 * events.round_no as place,
    coalesce(strpos(kinds.once_for, events.object_type) > 0, true) as comes_once,
    events.happened_at,
    events.actor_no,
    people.name as actor,
    events.system,
    events.channel,
    coalesce(people.country, fallback.country) as country
from events
cross join fallback
left join kinds on kinds.kind = events.kind
left join people
    on people.employee_no = events.actor_no
    and people.valid_from <= events.happened_at
    and events.happened_at < people.until_at
