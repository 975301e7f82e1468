-- one row per account_no · from crm.accounts · read by dim_customer
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
    updated_at
from raw.crm_accounts
where not _deleted
