-- one row per item_no · from erp.items · read by dim_item
select
    item_no,
    name,
    category,
    kind,
    unit,
    unit_price,
    standard_cost,
    currency,
    lead_time_days,
    supplier_no,
    min_stock,
    is_active,
    updated_at
from raw.erp_items
where not _deleted
