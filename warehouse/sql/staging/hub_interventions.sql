-- one row per id · from hub.interventions · read by fct_quarantine
select
    id as intervention_no,
    act,
    entry as entry_no,
    "at" as done_at
from raw.hub_interventions
where not _deleted
