-- one row per order, whether CRM, ERP or both know it
-- · from crm.orders, erp.sales_orders, erp.customers · read by fct_order
-- made anew by order_key:
--  staging.crm_orders as order_no
--  staging.erp_sales_orders as coalesce(crm_order_no, sales_order_no)
--  staging.erp_customers through core.int_order on customer_no
--  staging.erp_customers through core.int_order on account_no = crm_account_no
with orders as (select * from staging.crm_orders),
sales as (select * from staging.erp_sales_orders),
customers as (select * from staging.erp_customers),
company as (select * from staging.company),
joined as (
    select
        coalesce(orders.order_no, sales.crm_order_no, sales.sales_order_no) as order_key,
        orders.order_no,
        sales.sales_order_no,
        orders.lead_no,
        coalesce(orders.account_no, customers.crm_account_no) as account_no,
        coalesce(sales.customer_no, buyers.customer_no) as customer_no,
        orders.owner_no,
        orders.status as order_status,
        sales.status as sales_status,
        orders.approval_status,
        orders.approval_kind,
        orders.fulfilment,
        coalesce(orders.ordered_at, sales.ordered_at) as ordered_at,
        coalesce(orders.requested_on, sales.requested_on) as requested_on,
        coalesce(sales.promised_on, orders.promised_on) as promised_on,
        coalesce(orders.currency, sales.currency) as currency,
        coalesce(orders.total_amount, sales.total_amount) as order_amount,
        sales.total_amount as sales_amount,
        sales.payment_status,
        coalesce(sales.channel, 'system') as channel,
        -- an order keyed into the ERP by hand counts once the ERP accepted it
        case
            when orders.order_no is not null then orders.status = 'confirmed'
            else sales.status in ('open', 'planned', 'shipped')
        end as is_revenue
    from orders
    full outer join sales on sales.crm_order_no = orders.order_no
    left join customers on customers.customer_no = sales.customer_no
    left join customers buyers on buyers.crm_account_no = orders.account_no
)
select joined.*, cast(joined.ordered_at at time zone company.timezone as date) as ordered_on
from joined
cross join company
