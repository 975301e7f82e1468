-- one row per process, case and event that another person or system did than the one before
-- · from the steps of processes · read by mart_handover, int_process_case
-- made anew by process, case_no:
--  marts.int_process_step
with steps as (select * from marts.int_process_step),
-- routing hands on in nobody's name: who waited is the one before it, and the wait goes on
summed as (
    select
        *,
        sum(elapsed_h) over (partition by process, case_no order by sequence) as elapsed_until_h,
        sum(working_h) over (partition by process, case_no order by sequence) as working_until_h
    from steps
),
hands as (
    select
        *,
        lag(event_no) over before as from_event_no,
        lag(system) over before as from_system,
        lag(actor_no) over before as from_actor_no,
        lag(channel) over before as from_channel,
        elapsed_until_h - lag(elapsed_until_h) over before as waiting_elapsed_h,
        working_until_h - lag(working_until_h) over before as waiting_h
    from summed
    where not is_routing
    window before as (partition by process, case_no order by sequence)
)
select
    process,
    case_no,
    event_no,
    from_event_no,
    from_system,
    from_actor_no,
    system as to_system,
    actor_no as to_actor_no,
    channel = 'paper' or from_channel = 'paper' as is_on_paper,
    -- a sum is wider than what it is the difference of
    cast(waiting_elapsed_h as decimal(18, 4)) as waiting_elapsed_h,
    cast(waiting_h as decimal(18, 4)) as waiting_h
from hands
where from_event_no is not null and (system <> from_system or actor_no is distinct from from_actor_no)
