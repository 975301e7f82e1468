-- one row per employee and validity
-- · from oa.employees as each build saw them · read by every fact with a person
with versions as (select * from staging.oa_employees_versions),
departments as (select * from staging.oa_departments),
calendars as (select * from core.int_calendar),
states as (
    select
        *,
        case when is_deleted then 'deleted' else concat_ws(
            chr(31), name, coalesce(job_title, ''), role, department_no, coalesce(manager_no, ''),
            coalesce(substitute_no, ''), country, timezone, hired_on, coalesce(left_on, date '9999-12-31')
        ) end as state
    from versions
),
steps as (
    select *, lag(state) over (partition by employee_no order by run_id, is_deleted desc) as state_before
    from states
),
changes as (select * from steps where state is distinct from state_before),
spans as (
    select
        *,
        case when state_before is null then timestamptz '1900-01-01 00:00:00+00'
            when is_deleted then read_at else updated_at end as valid_from,
        lead(case when is_deleted then read_at else updated_at end)
            over (partition by employee_no order by run_id, is_deleted desc) as valid_to
    from changes
)
select
    spans.employee_no,
    spans.valid_from,
    spans.valid_to,
    spans.valid_to is null as is_current,
    spans.name,
    spans.job_title,
    spans.role,
    spans.department_no,
    departments.name as department_name,
    spans.manager_no,
    spans.substitute_no,
    spans.country,
    calendars.timezone,
    spans.hired_on,
    spans.left_on
from spans
join calendars on calendars.country = spans.country
left join departments on departments.department_no = spans.department_no
where not spans.is_deleted
order by spans.employee_no, spans.valid_from
