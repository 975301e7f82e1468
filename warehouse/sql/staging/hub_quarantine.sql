-- one row per id · from hub.quarantine · read by fct_quarantine, mart_data_health
select
    id as entry_no,
    flow,
    step,
    stream,
    -- a file's key may be an address
    case when key not like '%@%' then key end as record_key,
    state,
    rule,
    count as times_seen,
    first_seen_at,
    last_seen_at,
    coalesce(opened_at, first_seen_at) as opened_at,
    resolved_at,
    amount,
    currency,
    happened_at
from raw.hub_quarantine
where not _deleted
