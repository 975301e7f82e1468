-- one row per id · from hub.runs · read by fct_hub_run
select
    id as run_no,
    flow,
    step,
    state,
    started_at,
    finished_at,
    read,
    written,
    unchanged,
    waiting,
    quarantined
from raw.hub_runs
where not _deleted
