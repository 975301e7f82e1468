-- one row per purchase_line_no · from erp.purchase_lines · read by mart_supply
select
    purchase_line_no,
    purchase_no,
    line_no,
    item_no,
    quantity,
    unit_cost,
    updated_at
from raw.erp_purchase_lines
where not _deleted
