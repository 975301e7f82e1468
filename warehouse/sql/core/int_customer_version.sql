-- one row per account and build that saw its account or customer change
-- · from crm.accounts, erp.customers · read by dim_customer
-- made anew by account_no:
--  staging.crm_accounts_versions
--  staging.erp_customers_versions as crm_account_no
with accounts as (select * from staging.crm_accounts_versions),
customers as (select * from staging.erp_customers_versions),
points as (
    select account_no, run_id from accounts
    union
    select crm_account_no, run_id from customers
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
        order by customers.run_id desc, customers.is_deleted, customers.customer_no
    ) as position
    from points
    join customers on customers.crm_account_no = points.account_no and customers.run_id <= points.run_id
)
select
    points.account_no,
    points.run_id,
    greatest(a.updated_at, c.updated_at, case when a.is_deleted then a.read_at end) as changed_at,
    coalesce(a.is_deleted, true) and coalesce(c.is_deleted, true) as is_deleted,
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
