-- one row per policy_no · from oa.approval_policies · read by fct_approval_step
select
    policy_no,
    kind,
    level,
    min_amount,
    currency,
    approver_rule,
    approver_no,
    step_name,
    target_hours,
    updated_at
from raw.oa_approval_policies
where not _deleted
