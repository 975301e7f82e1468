-- one row per trip request: what it cost and what its lead brought
-- · from fct_trip, fct_order · read by the report's trips page
with trips as (select * from core.fct_trip),
orders as (select * from core.fct_order where is_revenue),
leads as (select * from core.fct_lead),
people as (select * from core.dim_employee where is_current),
customers as (select * from core.dim_customer where is_current),
earned as (
    -- numbers are text: the first order is the earliest, not the least number
    select lead_no, sum(amount) as revenue_amount,
        arg_min(order_key, (ordered_at, order_key)) as first_order_key
    from orders
    where lead_no is not null
    group by lead_no
),
-- a lead's revenue stands with its first approved trip, so that two trips do not earn it twice
ranked as (
    select
        trips.*,
        row_number() over (
            partition by lead_no
            order by case when status = 'approved' then 0 else 1 end, requested_at, request_no
        ) as position
    from trips
)
select
    ranked.request_no,
    ranked.employee_no,
    people.name as employee_name,
    ranked.lead_no,
    coalesce(customers.name, leads.company_name) as account_name,
    ranked.status,
    ranked.channel,
    ranked.requested_at,
    ranked.cost_amount,
    cast(case when ranked.position = 1 and ranked.lead_no is not null and ranked.status = 'approved'
        then coalesce(earned.revenue_amount, 0) else 0 end as decimal(18, 4)) as revenue_amount,
    ranked.currency,
    case when ranked.status = 'approved' then earned.first_order_key end as order_no,
    ranked.elapsed_h as circulation_hours
from ranked
left join people on people.employee_no = ranked.employee_no
left join leads on leads.lead_no = ranked.lead_no
left join customers on customers.account_no = ranked.account_no
left join earned on earned.lead_no = ranked.lead_no
order by ranked.request_no
