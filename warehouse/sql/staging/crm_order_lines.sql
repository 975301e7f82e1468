-- one row per order_line_no · from crm.order_lines · read by fct_order_line
select
    order_line_no,
    order_no,
    line_no,
    item_no,
    quantity,
    unit_price,
    discount_rate,
    line_amount,
    updated_at
from raw.crm_order_lines
where not _deleted
