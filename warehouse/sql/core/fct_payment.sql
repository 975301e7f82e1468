-- one row per payment · from erp.payments · read by mart_cash, mart_handoff_gaps
-- made anew by payment_no:
--  staging.erp_payments
--  core.fct_order through core.fct_payment on sales_order_no
--  core.dim_exchange_rate through core.fct_payment on payment_currency = currency, paid_on = on_date
with payments as (select * from staging.erp_payments),
orders as (select * from core.fct_order),
rates as (select * from core.dim_exchange_rate),
company as (select * from staging.company)
select
    payments.payment_no,
    payments.sales_order_no,
    orders.order_key,
    orders.account_no,
    payments.paid_on,
    payments.recorded_at,
    payments.recorded_by as recorded_by_no,
    payments.channel,
    date_diff('day', payments.paid_on, cast(payments.recorded_at at time zone company.timezone as date))
        as recording_delay_days,
    payments.amount as payment_amount,
    payments.currency as payment_currency,
    cast(round(payments.amount * rates.rate, 4) as decimal(18, 4)) as amount,
    company.currency
from payments
cross join company
left join orders on orders.sales_order_no = payments.sales_order_no
left join rates on rates.currency = payments.currency and rates.on_date = payments.paid_on
