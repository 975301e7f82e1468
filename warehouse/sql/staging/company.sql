-- one row per build · from raw.build · read by everything that converts money or finds a local day
select
    currency,
    timezone
from raw.build
