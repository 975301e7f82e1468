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
changes as (select * from steps where state is distinct from state_before),
spans as (
    select
        *,
        case when state_before is null then timestamptz '1900-01-01 00:00:00+00'
            else changed_at end as valid_from,
        lead(changed_at) over (partition by account_no order by run_id) as valid_to
    from changes
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
