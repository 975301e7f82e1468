-- one row per id · from hub.reconciliations · read by fct_reconciliation
select
    id as reconciliation_no,
    flow,
    step,
    stream,
    compared_at,
    compared,
    equal,
    different,
    missing,
    extra,
    repaired,
    still_different
from raw.hub_reconciliations
where not _deleted
