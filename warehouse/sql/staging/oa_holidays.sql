-- one row per holiday_no · from oa.holidays · read by dim_date
select
    holiday_no,
    country,
    on_date,
    name,
    day_part,
    updated_at
from raw.oa_holidays
where not _deleted
