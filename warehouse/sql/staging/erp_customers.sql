-- one row per customer_no · from erp.customers · read by dim_customer
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
    updated_at
from raw.erp_customers
where not _deleted
