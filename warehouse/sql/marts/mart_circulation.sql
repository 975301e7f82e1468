-- one row per process, kind of case and channel: through how many hands it goes, and how long that takes
-- · from the cases of processes · read by process views
with cases as (select * from marts.int_process_case)
-- percentiles are nearest-rank: of n values the ceil(p * n)-th
select
    process,
    kind,
    channel,
    count(*) as cases,
    percentile_disc(0.5) within group (order by people) as median_people,
    percentile_disc(0.5) within group (order by handovers) as median_handovers,
    max(handovers) as most_handovers,
    percentile_disc(0.5) within group (order by elapsed_h) as median_elapsed_h,
    percentile_disc(0.9) within group (order by elapsed_h) as p90_elapsed_h,
    percentile_disc(0.5) within group (order by working_h) as median_working_h,
    percentile_disc(0.9) within group (order by working_h) as p90_working_h
from cases
group by process, kind, channel
order by process, kind, channel
