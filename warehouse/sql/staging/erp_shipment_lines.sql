-- one row per shipment_line_no · from erp.shipment_lines · read by fct_shipment
select
    shipment_line_no,
    shipment_no,
    item_no,
    quantity,
    updated_at
from raw.erp_shipment_lines
where not _deleted
