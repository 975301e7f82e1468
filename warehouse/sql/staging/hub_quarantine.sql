-- one row per id · from hub.quarantine · read by mart_data_health, int_metric
select
    id,
    flow,
    step,
    stream,
    key,
    state,
    rule,
    reason,
    count,
    first_seen_at,
    last_seen_at
from raw.hub_quarantine
where not _deleted
    and state in ('quarantined', 'waiting')
