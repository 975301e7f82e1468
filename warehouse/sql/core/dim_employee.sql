-- one row per employee and validity
-- · from oa.employees as each build saw them · read by every fact with a person
with versions as (select * from staging.oa_employees_versions),
departments as (select * from staging.oa_departments),
calendars as (select * from core.int_calendar),
office as (select * from core.int_calendar where country = '--'),
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
changes as (
    select
        *,
        case when state_before is null then timestamptz '1900-01-01 00:00:00+00'
            when is_deleted then read_at else updated_at end as stamp,
        row_number() over (partition by employee_no order by run_id, is_deleted desc) as position
    from steps
    where state is distinct from state_before
),
-- A stamp may be set back, be forgotten, or be another system's: a state whose stamp is not later than those
-- before began, as far as anybody knows, when it was read.
dated as (
    select
        *,
        case when position = 1 or stamp > max(stamp) over (
            partition by employee_no order by position rows between unbounded preceding and 1 preceding
        ) then stamp else read_at end as dated_at
    from changes
),
-- and where that is not later either, 1 µs after the state before: starts rise in the order of the builds
starts as (
    select
        *,
        max(dated_at - position * interval '1 microsecond') over (
            partition by employee_no order by position rows between unbounded preceding and current row
        ) + position * interval '1 microsecond' as valid_from
    from dated
),
spans as (
    select *, lead(valid_from) over (partition by employee_no order by position) as valid_to from starts
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
    coalesce(calendars.timezone, office.timezone) as timezone,
    spans.hired_on,
    spans.left_on
from spans
cross join office
left join calendars on calendars.country = spans.country
left join departments on departments.department_no = spans.department_no
where not spans.is_deleted
order by spans.employee_no, spans.valid_from
