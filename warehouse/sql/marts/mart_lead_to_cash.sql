-- one row per order, from its lead to its money
-- · from fct_order, fct_lead, fct_trip · read by the report's lead-to-cash page
-- made anew by order_key:
--  core.fct_order
--  marts.int_lead_first_order
--  core.fct_lead through marts.mart_lead_to_cash on lead_no
--  core.fct_trip through marts.mart_lead_to_cash on lead_no
--  core.fct_approval through marts.mart_lead_to_cash on order_no = source_key
--  core.dim_customer through marts.mart_lead_to_cash on account_no
--  core.dim_employee through marts.mart_lead_to_cash on owner_no = employee_no
with orders as (select * from core.fct_order),
leads as (select * from core.fct_lead),
trips as (select * from core.fct_trip),
requests as (select * from core.fct_approval),
firsts as (select * from marts.int_lead_first_order),
customers as (select * from core.dim_customer where is_current),
people as (select * from core.dim_employee where is_current),
company as (select * from staging.company),
travelled as (
    select lead_no, sum(cost_amount) as cost_amount
    from trips
    where lead_no is not null
    group by lead_no
),
paper_requests as (
    select distinct source_key from requests where source_stream = 'crm.orders' and channel = 'paper'
)
select
    orders.order_key,
    orders.order_no,
    orders.sales_order_no,
    orders.lead_no,
    orders.account_no,
    customers.name as account_name,
    orders.owner_no,
    people.name as owner_name,
    orders.amount,
    orders.currency,
    orders.order_amount,
    orders.order_currency,
    orders.is_revenue,
    leads.created_at as lead_at,
    orders.ordered_at,
    orders.booked_at,
    orders.paid_at,
    orders.shipped_at,
    date_diff(
        'day', cast(leads.created_at at time zone company.timezone as date),
        cast(orders.paid_at at time zone company.timezone as date)
    ) as lead_to_cash_days,
    date_diff('day', orders.ordered_on, cast(orders.shipped_at at time zone company.timezone as date))
        as order_to_ship_days,
    orders.state,
    case
        when orders.channel = 'paper' or orders.is_paid_on_paper or paper_requests.source_key is not null
            then 'paper'
        else 'system'
    end as channel,
    -- a trip is paid once: its cost stands with the lead's first order
    cast(
        case when firsts.order_key is not null then coalesce(travelled.cost_amount, 0) else 0 end
        as decimal(18, 4)
    ) as trip_cost_amount
from orders
cross join company
left join leads on leads.lead_no = orders.lead_no
left join customers on customers.account_no = orders.account_no
left join people on people.employee_no = orders.owner_no
left join firsts on firsts.order_key = orders.order_key
left join travelled on travelled.lead_no = orders.lead_no
left join paper_requests on paper_requests.source_key = orders.order_no
