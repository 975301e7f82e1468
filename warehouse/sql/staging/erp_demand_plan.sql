-- one row per demand_plan_no · from erp.demand_plan · read by fct_demand_plan
select
    demand_plan_no,
    item_no,
    month_on,
    planned_quantity,
    request_no,
    share_of_year,
    updated_at
from raw.erp_demand_plan
where not _deleted
