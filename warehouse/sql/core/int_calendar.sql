-- one row per country that somebody works or worked in
-- · from oa.calendars, oa.employees · read by dim_date, dim_employee
with calendars as (select * from staging.oa_calendars),
employees as (select * from staging.oa_employees),
employees_then as (select * from staging.oa_employees_versions),
build as (select * from staging.build),
people as (select country, count(*) as people from employees group by country),
countries as (
    select country from calendars
    union
    -- history keeps the days and the zone of a country that the last one has left
    select country from employees_then where country is not null
    union
    select '--' from build
),
-- a country without a calendar of its own keeps office hours in the company's zone
hours as (
    select
        countries.country,
        coalesce(calendars.timezone, build.timezone) as timezone,
        coalesce(calendars.working_weekdays, '12345') as working_weekdays,
        coalesce(try_cast(calendars.opens_at as time), time '09:00:00') as opens_at,
        coalesce(try_cast(calendars.closes_at as time), time '17:00:00') as closes_at,
        coalesce(people.people, 0) as people
    from countries
    cross join build
    left join calendars on calendars.country = countries.country
    left join people on people.country = countries.country
),
ranked as (select *, row_number() over (order by people desc, country desc) as position from hours)
select
    country,
    timezone,
    working_weekdays,
    opens_at,
    -- midnight is the end of the day that it closes, not its start
    case when closes_at = time '00:00:00' then time '24:00:00' else closes_at end as closes_at,
    -- whose days count where no person is behind a date
    position = 1 as is_default
from ranked
