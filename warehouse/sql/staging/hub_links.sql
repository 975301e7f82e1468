-- one row per flow and step and source_key and target_key · from hub.links · read by fct_order
select
    flow,
    step,
    source_key,
    target_key,
    source_stream,
    target_stream,
    written_at
from raw.hub_links
where not _deleted
