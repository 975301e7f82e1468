-- one row per supplier_no · from erp.suppliers · read by dim_supplier
select
    supplier_no,
    name,
    country,
    lead_time_days,
    updated_at
from raw.erp_suppliers
where not _deleted
