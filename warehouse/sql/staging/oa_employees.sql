-- one row per employee_no · from oa.employees · read by dim_employee
select
    employee_no,
    name,
    job_title,
    role,
    department_no,
    manager_no,
    substitute_no,
    country,
    timezone,
    hired_on,
    left_on,
    updated_at
from raw.oa_employees
where not _deleted
