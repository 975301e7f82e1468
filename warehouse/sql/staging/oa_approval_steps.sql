-- one row per step_no · from oa.approval_steps · read by fct_approval_step
select
    step_no,
    request_no,
    sequence,
    step_name,
    requester_no,
    approver_no,
    acting_no,
    asked_at,
    decided_at,
    decision,
    updated_at
from raw.oa_approval_steps
where not _deleted
