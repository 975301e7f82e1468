-- one row per employee_no and build that saw it change · from oa.employees · read by dim_employee
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
    updated_at,
    _run_id as run_id,
    _read_at as read_at,
    _deleted as is_deleted
from raw.oa_employees_versions
