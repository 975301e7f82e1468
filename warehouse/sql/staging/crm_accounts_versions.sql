-- one row per account_no and build that saw it change · from crm.accounts · read by int_customer_version
select
    account_no,
    name,
    sector,
    country,
    city,
    employees,
    owner_no,
    currency,
    status,
    merged_into,
    created_on,
    credit_status,
    credit_limit,
    score,
    score_on,
    updated_at,
    _run_id as run_id,
    _read_at as read_at,
    _deleted as is_deleted
from raw.crm_accounts_versions
