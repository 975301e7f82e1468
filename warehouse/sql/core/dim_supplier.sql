-- one row per supplier · from erp.suppliers · read by fct_purchase
with suppliers as (select * from staging.erp_suppliers)
select
    supplier_no,
    name,
    country,
    lead_time_days
from suppliers
order by supplier_no
