-- one row per employee and day, planned leave included
-- · from oa.attendance · read by the people behind approvals and trips
-- made anew by attendance_no:
--  staging.oa_attendance
--  core.dim_employee through core.fct_attendance on employee_no
with attendance as (select * from staging.oa_attendance),
employees as (select * from core.dim_employee),
company as (select * from staging.company),
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
cross join company
left join employees
    on employees.employee_no = attendance.employee_no
    and cast(employees.valid_from at time zone company.timezone as date) <= attendance.on_date
    and (employees.valid_to is null
        or cast(employees.valid_to at time zone company.timezone as date) > attendance.on_date)
left join dates on dates.country = employees.country and dates.on_date = attendance.on_date
