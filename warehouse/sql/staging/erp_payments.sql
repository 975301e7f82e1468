-- one row per payment_no · from erp.payments · read by fct_payment
select
    payment_no,
    sales_order_no,
    amount,
    currency,
    paid_on,
    recorded_at,
    recorded_by,
    channel,
    updated_at
from raw.erp_payments
where not _deleted
