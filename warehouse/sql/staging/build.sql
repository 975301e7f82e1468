-- one row per build · from raw.build · read by everything that counts ages or converts money
select
    as_of,
    cast(as_of at time zone timezone as date) as as_on,
    currency,
    timezone
from raw.build
