-- one row per item_no and build that saw it change · from erp.items · read by dim_item
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
    updated_at,
    _run_id as run_id,
    _read_at as read_at,
    _deleted as is_deleted
from raw.erp_items_versions
