-- one row per build · from raw.build · read by what changes as time goes by
select as_of
from raw.build
