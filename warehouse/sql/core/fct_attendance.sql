-- one row per employee and day, planned leave included
-- · from oa.attendance · read by the people behind approvals and trips
with attendance as (select * from staging.oa_attendance),
employees as (select * from core.dim_employee where is_current),
dates as (select * from core.dim_date)
select
    attendance.attendance_no,
    attendance.employee_no,
    attendance.on_date,
    attendance.kind,
    attendance.hours,
    attendance.status,
    attendance.request_no,
    employees.department_no,
    dates.is_working_day
from attendance
left join employees on employees.employee_no = attendance.employee_no
left join dates on dates.country = employees.country and dates.on_date = attendance.on_date
order by attendance.employee_no, attendance.on_date, attendance.attendance_no
