-- one row per department_no · from oa.departments · read by dim_employee
select
    department_no,
    name,
    parent_no,
    country,
    updated_at
from raw.oa_departments
where not _deleted
