-- one row per order across CRM and ERP
-- · from crm.orders, erp.sales_orders and what followed · read by every mart about orders
-- made anew by order_key:
--  core.int_order
--  core.int_order_money through core.int_order on sales_order_no
--  core.dim_customer through core.int_order on account_no
--  core.dim_exchange_rate through core.int_order on currency, ordered_on = on_date
with orders as (select * from core.int_order),
money as (select * from core.int_order_money),
customers as (select * from core.dim_customer),
rates as (select * from core.dim_exchange_rate),
company as (select * from staging.company)
select
    orders.order_key,
    orders.order_no,
    orders.sales_order_no,
    orders.lead_no,
    orders.account_no,
    orders.customer_no,
    -- as the customer was when it ordered
    customers.country as account_country,
    customers.sector as account_sector,
    orders.owner_no,
    orders.order_status,
    orders.sales_status,
    orders.approval_status,
    orders.approval_kind,
    orders.fulfilment,
    orders.payment_status,
    case
        when orders.order_status in ('draft', 'cancelled') then orders.order_status
        when orders.sales_status in ('cancelled', 'refused') then orders.sales_status
        when money.shipped_at is not null or orders.sales_status = 'shipped' then 'shipped'
        when orders.payment_status = 'paid' then 'paid'
        when orders.sales_status = 'planned' then 'planned'
        when orders.sales_status is not null then 'booked'
        when orders.approval_status in ('wanted', 'refused') then 'approval_' || orders.approval_status
        else 'confirmed'
    end as state,
    orders.is_revenue,
    orders.channel,
    orders.ordered_at,
    orders.ordered_on,
    orders.requested_on,
    orders.promised_on,
    money.booked_at,
    money.first_paid_at,
    money.paid_at,
    money.shipment_requested_at,
    money.shipped_at,
    coalesce(money.is_waiting_for_stock, false) as is_waiting_for_stock,
    coalesce(money.is_paid_on_paper, false) as is_paid_on_paper,
    orders.currency as order_currency,
    orders.order_amount,
    orders.sales_amount,
    cast(round(orders.order_amount * rates.rate, 4) as decimal(18, 4)) as amount,
    cast(round(money.received_amount * rates.rate, 4) as decimal(18, 4)) as paid_amount,
    cast(round(money.receivable_amount * rates.rate, 4) as decimal(18, 4)) as receivable_amount,
    cast(round(money.open_amount * rates.rate, 4) as decimal(18, 4)) as open_amount,
    company.currency,
    money.due_on,
    money.settled_on
from orders
cross join company
left join money on money.sales_order_no = orders.sales_order_no
left join customers
    on customers.account_no = orders.account_no and orders.ordered_at >= customers.valid_from
    and (customers.valid_to is null or orders.ordered_at < customers.valid_to)
left join rates on rates.currency = orders.currency and rates.on_date = orders.ordered_on
