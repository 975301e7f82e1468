-- one row per country and day, until twelve months ahead
-- · from oa.calendars, oa.holidays · read by every fact that counts days or working hours
with calendars as (select * from core.int_calendar),
holidays as (select * from staging.oa_holidays),
span as (select * from core.int_day_range),
days as (
    select cast(unnest(generate_series(first_on, last_on, interval 1 day)) as date) as on_date from span
),
kept as (
    select
        country,
        on_date,
        min(name) as holiday_name,
        max(case when day_part = 'full' then 1 else 0 end) as is_full
    from holidays
    group by country, on_date
),
parts as (
    select
        calendars.*,
        days.on_date,
        kept.holiday_name,
        case
            when strpos(calendars.working_weekdays, cast(isodow(days.on_date) as varchar)) = 0 then 0
            when kept.is_full = 1 then 0
            when kept.is_full = 0 then 1
            else 2
        end as halves
    from calendars
    cross join days
    left join kept on kept.country = calendars.country and kept.on_date = days.on_date
),
opened as (
    select
        *,
        (on_date + opens_at) at time zone timezone as starts_at,
        (on_date + closes_at) at time zone timezone as ends_at
    from parts
),
-- from instant to instant: a day on which the clock is put forward within working hours is an hour shorter
worked as (
    select
        *,
        greatest(0, (epoch_us(ends_at) - epoch_us(starts_at)) // 1000000) * halves // 2 as working_s
    from opened
)
select
    country,
    on_date,
    year(on_date) as year_no,
    cast(date_trunc('month', on_date) as date) as month_on,
    cast(date_trunc('week', on_date) as date) as week_on,
    isodow(on_date) as iso_weekday,
    halves > 0 as is_working_day,
    holiday_name,
    case halves when 2 then 'full' when 1 then 'half' else 'none' end as working_part,
    timezone,
    is_default as is_default_country,
    -- of a half day the first half is worked
    case when halves > 0 then starts_at end as opens_at,
    case when halves > 0 then starts_at + to_seconds(working_s) end as closes_at,
    working_s,
    cast(coalesce(sum(working_s) over before, 0) as bigint) as working_s_before,
    cast(coalesce(sum(least(halves, 1)) over before, 0) as bigint) as working_days_before
from worked
window before as (partition by country order by on_date rows between unbounded preceding and 1 preceding)
order by country, on_date
