-- one row per approved trip whose money or days are not booked, and per approved purchase not told:
-- approved_not_booked · from requests, funds, attendance, purchases · read by mart_handoff_gaps
with requests as (select * from core.fct_approval where status = 'approved'),
trips as (select * from core.fct_trip where status = 'approved'),
funds as (select distinct request_no from core.fct_fund where status = 'booked'),
days as (select * from core.fct_attendance where status <> 'cancelled'),
people as (select * from core.dim_employee where is_current),
dates as (select * from core.dim_date where is_working_day),
purchases as (select * from core.fct_purchase),
leads as (select * from core.fct_lead),
-- trips of before attendance was kept have no days to find
kept as (select min(on_date) as first_on from days),
wanted as (
    select trips.request_no, dates.on_date
    from trips
    join people on people.employee_no = trips.employee_no
    join dates
        on dates.country = people.country and dates.on_date between trips.starts_on and trips.ends_on
    cross join kept
    where trips.starts_on >= kept.first_on
),
booked as (select distinct request_no, on_date from days where request_no is not null),
-- a day booked at the weekend stands for no working day
lacking as (
    select wanted.request_no, count(*) as days
    from wanted
    left join booked on booked.request_no = wanted.request_no and booked.on_date = wanted.on_date
    where booked.on_date is null
    group by wanted.request_no
),
checked as (
    select
        trips.request_no,
        funds.request_no is null as lacks_funds,
        coalesce(lacking.days, 0) as lacking_days
    from trips
    left join funds on funds.request_no = trips.request_no
    left join lacking on lacking.request_no = trips.request_no
)
select
    'approved_not_booked' as kind, 'oa' as from_system,
    case when checked.lacks_funds then 'erp' else 'oa' end as to_system,
    'oa.approval_requests' as document_stream, requests.request_no as document_no,
    leads.account_no, leads.company_name as party_name, requests.amount, requests.decided_at as since_at,
    requests.requester_no as owner_no,
    case
        when checked.lacks_funds and checked.lacking_days > 0
            then 'Book the funds and the days of the approved trip'
        when checked.lacks_funds then 'Book the funds for the approved request'
        else 'Book the days of the approved trip'
    end as next_action
from checked
join requests on requests.request_no = checked.request_no
left join leads on leads.lead_no = requests.lead_no
where checked.lacks_funds or checked.lacking_days > 0
union all
select
    'approved_not_booked', 'oa', 'erp', 'erp.purchases', purchases.purchase_no, cast(null as varchar),
    purchases.supplier_no, purchases.amount, requests.decided_at, purchases.requester_no,
    'Bring the decision on ' || requests.request_no || ' back to the purchase'
from purchases
-- the one asked last decides: an approval of before it was asked again is none
join requests on requests.request_no = purchases.request_no
where purchases.approval_status = 'wanted' and purchases.status <> 'cancelled'
