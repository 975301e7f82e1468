-- one row per request_no · from oa.approval_requests · read by fct_approval, fct_trip
select
    request_no,
    kind,
    requester_no,
    amount,
    currency,
    status,
    source_stream,
    source_key,
    lead_no,
    starts_on,
    ends_on,
    requested_at,
    decided_at,
    channel,
    updated_at
from raw.oa_approval_requests
where not _deleted
