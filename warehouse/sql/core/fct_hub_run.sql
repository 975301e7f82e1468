-- one row per run of a step · from hub.runs · read by whoever asks how the flows do
with runs as (select * from staging.hub_runs)
select
    run_no,
    flow,
    step,
    state,
    started_at,
    finished_at,
    cast(round((epoch_us(finished_at) - epoch_us(started_at)) / 1000000, 4) as decimal(18, 4)) as seconds,
    read,
    written,
    unchanged,
    waiting,
    quarantined,
    read = written + unchanged + waiting + quarantined as adds_up
from runs
order by run_no
