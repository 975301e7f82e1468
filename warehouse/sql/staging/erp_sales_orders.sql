-- one row per sales_order_no · from erp.sales_orders · read by fct_order
select
    sales_order_no,
    crm_order_no,
    customer_no,
    status,
    payment_status,
    ordered_at,
    requested_on,
    promised_on,
    currency,
    total_amount,
    paid_amount,
    refusal_reason,
    channel,
    updated_at
from raw.erp_sales_orders
where not _deleted
