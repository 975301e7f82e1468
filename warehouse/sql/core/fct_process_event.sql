-- one row per event and object it is about, so that an event counts once for each object
-- · from what happened in all three systems, working hours by the calendar of who did it
-- · read by marts of processes, exports
-- made anew by object_type, object_no:
--  core.int_event
with events as (select * from core.int_event),
dates as (select * from core.dim_date),
-- an object's events stand by themselves: each window is about one object
ordered as (
    select
        *,
        row_number() over (
            partition by object_type, object_no order by happened_at, place, event_no
        ) as sequence,
        row_number() over (
            partition by object_type, object_no, activity order by happened_at, place, event_no
        ) as occurrence,
        lag(event_no) over object_before as previous_event_no,
        lag(activity) over object_before as previous_activity,
        lag(actor_no) over object_before as previous_actor_no,
        lag(system) over object_before as previous_system,
        lag(happened_at) over object_before as previous_at
    from events
    window object_before as (partition by object_type, object_no order by happened_at, place, event_no)
),
-- a day's row says how many seconds were worked before it, so two look-ups replace a walk over the days
clocked as (
    select
        ordered.*,
        first_day.working_s_before + coalesce(least(first_day.working_s, greatest(
            0, (epoch_us(ordered.previous_at) - epoch_us(first_day.opens_at)) // 1000000
        )), 0) as previous_s,
        last_day.working_s_before + coalesce(least(last_day.working_s, greatest(
            0, (epoch_us(ordered.happened_at) - epoch_us(last_day.opens_at)) // 1000000
        )), 0) as happened_s
    from ordered
    left join dates first_day
        on first_day.country = ordered.country
        and first_day.on_date = cast(ordered.previous_at at time zone ordered.timezone as date)
    left join dates last_day
        on last_day.country = ordered.country
        and last_day.on_date = cast(ordered.happened_at at time zone ordered.timezone as date)
)
select
    event_no,
    object_type,
    object_no,
    sequence,
    kind,
    activity,
    happened_at,
    actor_no,
    actor,
    system,
    channel,
    previous_event_no,
    previous_activity,
    previous_actor_no,
    previous_system,
    cast(round((epoch_us(happened_at) - epoch_us(previous_at)) / 3600000000, 4) as decimal(18, 4))
        as elapsed_h,
    cast(round((happened_s - previous_s) / 3600, 4) as decimal(18, 4)) as working_h,
    occurrence,
    occurrence > 1 and comes_once as is_rework
from clocked
