-- one row per customer and state, with the builds that saw it so: from_run and before to_run
-- · from erp.customers · read by int_customer_version
-- made anew by customer_no:
--  staging.erp_customers_versions
with versions as (select * from staging.erp_customers_versions),
dated as (
    select *, case when is_deleted then read_at else updated_at end as changed_at from versions
),
-- what ends a state is the customer's next one, whatever account that belongs to
spans as (
    select
        *,
        run_id as from_run,
        lead(run_id) over (partition by customer_no order by run_id, is_deleted desc) as to_run,
        lead(changed_at) over (partition by customer_no order by run_id, is_deleted desc) as ended_at,
        lead(read_at) over (partition by customer_no order by run_id, is_deleted desc) as end_read_at
    from dated
)
select
    customer_no,
    crm_account_no,
    from_run,
    to_run,
    changed_at,
    read_at,
    ended_at,
    end_read_at,
    name,
    country,
    city,
    currency,
    kind,
    credit_status,
    credit_limit,
    payment_terms_days
from spans
where not is_deleted and crm_account_no is not null
