-- one row per account and validity
-- · from crm.accounts, erp.customers as each build saw them · read by sales marts
-- made anew by account_no:
--  core.int_customer_version
with versions as (select * from core.int_customer_version),
states as (
    select
        *,
        case when is_deleted then 'deleted' else concat_ws(
            chr(31), coalesce(customer_no, ''), name, coalesce(sector, ''), coalesce(country, ''),
            coalesce(city, ''), coalesce(employees, 0), coalesce(owner_no, ''), currency,
            coalesce(status, ''), coalesce(merged_into, ''), coalesce(customer_kind, ''),
            coalesce(credit_status, ''), coalesce(credit_limit, -1), coalesce(payment_terms_days, -1)
        ) end as state
    from versions
),
steps as (
    select *, lag(state) over (partition by account_no order by run_id) as state_before from states
),
changes as (
    select
        *,
        case when state_before is null then timestamptz '1900-01-01 00:00:00+00' else changed_at end as stamp,
        row_number() over (partition by account_no order by run_id, is_deleted) as position
    from steps
    where state is distinct from state_before
),
-- A stamp may be set back, be forgotten, or be another system's: a state whose stamp is not later than those
-- before began, as far as anybody knows, when it was read.
dated as (
    select
        *,
        case when position = 1 or stamp > max(stamp) over (
            partition by account_no order by position rows between unbounded preceding and 1 preceding
        ) then stamp else read_at end as dated_at
    from changes
),
-- and where that is not later either, 1 µs after the state before: starts rise in the order of the builds
starts as (
    select
        *,
        max(dated_at - position * interval '1 microsecond') over (
            partition by account_no order by position rows between unbounded preceding and current row
        ) + position * interval '1 microsecond' as valid_from
    from dated
),
spans as (
    select *, lead(valid_from) over (partition by account_no order by position) as valid_to from starts
)
select
    account_no,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    customer_no,
    name,
    sector,
    country,
    city,
    employees,
    owner_no,
    currency,
    status,
    merged_into,
    created_on,
    customer_kind,
    credit_status,
    credit_limit,
    payment_terms_days
from spans
where not is_deleted
order by account_no, valid_from
