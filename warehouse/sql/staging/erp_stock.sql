-- one row per item_no · from erp.stock · read by mart_supply
select
    item_no,
    on_hand,
    reserved,
    updated_at
from raw.erp_stock
where not _deleted
