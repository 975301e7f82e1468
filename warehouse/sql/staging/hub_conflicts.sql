-- one row per id · from hub.conflicts · read by mart_data_health
select
    id as conflict_no,
    flow,
    step,
    stream,
    field,
    owner,
    seen_at
from raw.hub_conflicts
where not _deleted
