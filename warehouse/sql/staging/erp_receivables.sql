-- one row per receivable_no · from erp.receivables · read by fct_order
select
    receivable_no,
    sales_order_no,
    customer_no,
    amount,
    open_amount,
    currency,
    due_on,
    settled_on,
    updated_at
from raw.erp_receivables
where not _deleted
