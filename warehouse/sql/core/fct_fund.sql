-- one row per fund · from erp.funds · read by mart_handoff_gaps
with funds as (select * from staging.erp_funds),
rates as (select * from core.dim_exchange_rate),
build as (select * from staging.company)
select
    funds.fund_no,
    funds.request_no,
    funds.employee_no,
    funds.kind,
    funds.status,
    funds.booked_on,
    funds.amount as fund_amount,
    funds.currency as fund_currency,
    cast(round(funds.amount * rates.rate, 4) as decimal(18, 4)) as amount,
    build.currency
from funds
cross join build
left join rates on rates.currency = funds.currency and rates.on_date = funds.booked_on
order by funds.fund_no
