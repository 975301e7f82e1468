-- one row per attendance_no · from oa.attendance · read by fct_attendance
select
    attendance_no,
    employee_no,
    on_date,
    kind,
    hours,
    status,
    request_no,
    updated_at
from raw.oa_attendance
where not _deleted
