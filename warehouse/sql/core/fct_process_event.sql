-- one row per event and object it is about, so that an event counts once for each object
-- · from what happened in all three systems, working hours by the calendar of who did it
-- · read by marts of processes, exports
-- made anew by object_type, object_no:
--  core.int_event
with events as (select * from core.int_event),
clock as (select * from core.int_working_clock),
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
-- the clock says how many seconds were worked before an instant: two look-ups replace a walk over the days
clocked as (
    select
        ordered.*,
        case when epoch_us(ordered.previous_at) >= since.opens_us
            then since.working_s_before
                + least(since.working_s, (epoch_us(ordered.previous_at) - since.opens_us) // 1000000)
            else since.last_working_s_before + least(
                since.last_working_s, (epoch_us(ordered.previous_at) - since.last_opens_us) // 1000000
            )
        end as previous_s,
        case when epoch_us(ordered.happened_at) >= until.opens_us
            then until.working_s_before
                + least(until.working_s, (epoch_us(ordered.happened_at) - until.opens_us) // 1000000)
            else until.last_working_s_before + least(
                until.last_working_s, (epoch_us(ordered.happened_at) - until.last_opens_us) // 1000000
            )
        end as happened_s
    from ordered
    left join clock since
        on since.country = ordered.country
        and since.half_no = epoch_us(ordered.previous_at) // 43200000000
    left join clock until
        on until.country = ordered.country
        and until.half_no = epoch_us(ordered.happened_at) // 43200000000
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
