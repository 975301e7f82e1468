-- one row per sales_order_line_no · from erp.sales_order_lines · read by fct_order_line
select
    sales_order_line_no,
    sales_order_no,
    line_no,
    item_no,
    quantity,
    unit_price,
    discount_rate,
    line_amount,
    updated_at
from raw.erp_sales_order_lines
where not _deleted
