-- one row per purchase_no · from erp.purchases · read by mart_supply, int_gap_approved
select
    purchase_no,
    supplier_no,
    requester_no,
    status,
    approval_status,
    ordered_at,
    expected_on,
    received_on,
    total_amount,
    currency,
    updated_at
from raw.erp_purchases
where not _deleted
