-- one row per shipment_no · from erp.shipments · read by fct_shipment
select
    shipment_no,
    sales_order_no,
    release_key,
    status,
    requested_at,
    shipped_at,
    refusal_reason,
    updated_at
from raw.erp_shipments
where not _deleted
