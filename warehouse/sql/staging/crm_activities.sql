-- one row per activity_no · from crm.activities · read by fct_activity
select
    activity_no,
    lead_no,
    account_no,
    employee_no,
    kind,
    happened_at,
    cost_amount,
    currency,
    request_no,
    updated_at
from raw.crm_activities
where not _deleted
