-- one row per order_no · from crm.orders · read by fct_order
select
    order_no,
    account_no,
    lead_no,
    owner_no,
    status,
    ordered_at,
    requested_on,
    currency,
    total_amount,
    approval_status,
    approval_kind,
    fulfilment,
    promised_on,
    refusal_reason,
    updated_at
from raw.crm_orders
where not _deleted
