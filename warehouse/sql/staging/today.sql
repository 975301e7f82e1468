-- one row per build · from raw.build · read by what changes with the day and not with the hour
select cast(as_of at time zone timezone as date) as as_on
from raw.build
