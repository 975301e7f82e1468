-- one row per fund_no · from erp.funds · read by fct_trip
select
    fund_no,
    request_no,
    employee_no,
    kind,
    amount,
    currency,
    status,
    booked_on,
    updated_at
from raw.erp_funds
where not _deleted
