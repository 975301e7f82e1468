-- one row per account and build that saw its account or a customer of it change, come or go
-- · from crm.accounts, erp.customers · read by dim_customer
-- made anew by account_no:
--  staging.crm_accounts_versions
--  core.int_customer_span as crm_account_no
with accounts as (select * from staging.crm_accounts_versions),
customers as (select * from core.int_customer_span),
seen as (
    select account_no, run_id, case when is_deleted then read_at else updated_at end as changed_at, read_at
    from accounts
    union all
    select crm_account_no, from_run, changed_at, read_at from customers
    union all
    -- a customer that is deleted, or moves to another account, changes the account that it had
    select crm_account_no, to_run, ended_at, end_read_at from customers where to_run is not null
),
points as (
    select account_no, run_id, max(changed_at) as changed_at, max(read_at) as read_at
    from seen
    group by account_no, run_id
),
account_then as (
    select points.run_id as point, accounts.*, row_number() over (
        partition by points.account_no, points.run_id order by accounts.run_id desc, accounts.is_deleted
    ) as position
    from points
    join accounts on accounts.account_no = points.account_no and accounts.run_id <= points.run_id
),
customer_then as (
    select points.run_id as point, customers.*, row_number() over (
        partition by points.account_no, points.run_id
        order by customers.from_run desc, customers.customer_no
    ) as position
    from points
    join customers on customers.crm_account_no = points.account_no and customers.from_run <= points.run_id
        and (customers.to_run is null or customers.to_run > points.run_id)
)
select
    points.account_no,
    points.run_id,
    points.changed_at,
    points.read_at,
    coalesce(a.is_deleted, true) and c.customer_no is null as is_deleted,
    c.customer_no,
    coalesce(a.name, c.name) as name,
    a.sector,
    coalesce(a.country, c.country) as country,
    coalesce(a.city, c.city) as city,
    a.employees,
    a.owner_no,
    coalesce(a.currency, c.currency) as currency,
    a.status,
    a.merged_into,
    a.created_on,
    c.kind as customer_kind,
    c.credit_status,
    c.credit_limit,
    c.payment_terms_days
from points
left join account_then a on a.account_no = points.account_no and a.point = points.run_id and a.position = 1
left join customer_then c
    on c.crm_account_no = points.account_no and c.point = points.run_id and c.position = 1
