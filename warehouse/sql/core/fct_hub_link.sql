-- one row per flow, step, source and target record · from hub.links · read by mart_gap_record
with links as (select * from staging.hub_links)
select
    flow,
    step,
    source_stream,
    source_key,
    target_stream,
    target_key,
    written_at
from links
-- a key of a file or of an import may be an address
where source_key not like '%@%' and target_key not like '%@%'
order by flow, step, source_key, target_key
