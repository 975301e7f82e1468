-- one row per stock_move_no · from erp.stock_moves · read by fct_stock_daily
select
    stock_move_no,
    item_no,
    moved_at,
    quantity,
    kind,
    document_no,
    updated_at
from raw.erp_stock_moves
where not _deleted
