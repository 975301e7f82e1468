-- one row per country and twelve hours of UTC, from which the working seconds before any instant follow
-- · from dim_date · read by fct_approval_step, fct_process_event
with dates as (select * from core.dim_date),
-- no zone opens twice in twelve hours, whatever its clock does, so a row has at most one opening of its own
opened as (
    select
        country,
        epoch_us(opens_at) as opens_us,
        epoch_us(opens_at) // 43200000000 as half_no,
        working_s,
        working_s_before
    from dates
    where opens_at is not null
),
halves as (
    select
        country,
        unnest(range(
            2 * date_diff('day', date '1970-01-01', min(on_date)) - 2,
            2 * date_diff('day', date '1970-01-01', max(on_date)) + 4
        )) as half_no
    from dates
    group by country
)
-- before the own opening the one before it counts: working seconds grow until it closes, and then stand
select
    halves.country,
    halves.half_no,
    opened.opens_us,
    opened.working_s,
    opened.working_s_before,
    last_value(opened.opens_us ignore nulls) over before as last_opens_us,
    coalesce(last_value(opened.working_s ignore nulls) over before, 0) as last_working_s,
    coalesce(last_value(opened.working_s_before ignore nulls) over before, 0) as last_working_s_before
from halves
left join opened on opened.country = halves.country and opened.half_no = halves.half_no
window before as (
    partition by halves.country order by halves.half_no rows between unbounded preceding and 1 preceding
)
