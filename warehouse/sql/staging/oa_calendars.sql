-- one row per country · from oa.calendars · read by int_calendar
select
    country,
    timezone,
    working_weekdays,
    opens_at,
    closes_at,
    updated_at
from raw.oa_calendars
where not _deleted
