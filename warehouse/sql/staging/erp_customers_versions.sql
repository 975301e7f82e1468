-- one row per customer_no and build that saw it change · from erp.customers · read by int_customer_span
select
    customer_no,
    crm_account_no,
    name,
    country,
    city,
    currency,
    kind,
    credit_status,
    credit_limit,
    payment_terms_days,
    updated_at,
    _run_id as run_id,
    _read_at as read_at,
    _deleted as is_deleted
from raw.erp_customers_versions
