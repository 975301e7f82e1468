-- one row per production_no · from erp.production_orders · read by fct_production
select
    production_no,
    plan_key,
    sales_order_no,
    item_no,
    quantity,
    bom_level,
    starts_on,
    due_on,
    status,
    done_at,
    updated_at
from raw.erp_production_orders
where not _deleted
