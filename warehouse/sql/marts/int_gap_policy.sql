-- one row per level that did not decide, and per trip or money without a decision: order_without_approval
-- · from requests, their steps, funds, attendance, policies · read by mart_handoff_gaps
with requests as (select * from core.fct_approval),
steps as (select * from core.fct_approval_step where decision = 'approved'),
policies as (select * from staging.oa_approval_policies),
funds as (select * from core.fct_fund where status = 'booked'),
days as (select * from core.fct_attendance where kind = 'business_trip' and status <> 'cancelled'),
build as (select * from staging.company),
governed as (select distinct kind from policies),
-- whoever decided one level, or asks, is not asked on the next; the amount is compared as given
skipped as (
    select requests.request_no, min(policies.policy_no) as policy_no
    from requests
    join policies
        on policies.kind = requests.kind and policies.approver_rule = 'employee'
        and policies.min_amount > 0 and policies.min_amount <= requests.request_amount
        and policies.approver_no <> requests.requester_no and policies.updated_at <= requests.requested_at
    where requests.status = 'approved' and requests.channel = 'system' and not exists (
        select 1
        from steps
        where steps.request_no = requests.request_no
            and (steps.step_name = policies.step_name or steps.approver_no = policies.approver_no)
    )
    group by requests.request_no
),
trips as (
    select
        days.employee_no,
        min(days.attendance_no) as attendance_no,
        min(days.on_date) as first_on,
        max(requests.amount) as amount
    from days
    join governed on governed.kind = 'trip'
    left join requests on requests.request_no = days.request_no
    where requests.status is distinct from 'approved'
    group by days.employee_no, coalesce(days.request_no, cast(date_trunc('week', days.on_date) as varchar))
)
select
    'order_without_approval' as kind, 'oa' as from_system, 'oa' as to_system,
    'oa.approval_requests' as document_stream, requests.request_no as document_no,
    cast(null as varchar) as account_no, cast(null as varchar) as party_name, requests.amount,
    requests.decided_at as since_at, policies.approver_no as owner_no,
    'Ask the level above too: the amount wants its decision' as next_action
from skipped
join requests on requests.request_no = skipped.request_no
join policies on policies.policy_no = skipped.policy_no
union all
select
    'order_without_approval', 'erp', 'oa', 'erp.funds', funds.fund_no, cast(null as varchar),
    cast(null as varchar), funds.amount, cast(funds.booked_on as timestamp) at time zone build.timezone,
    funds.employee_no,
    case when requests.status in ('refused', 'cancelled') then 'Reverse the funds, or ask again'
        else 'Ask for the approval it wants' end
from funds
cross join build
join governed on governed.kind = funds.kind
left join requests on requests.request_no = funds.request_no
where requests.status is distinct from 'approved'
union all
select
    'order_without_approval', 'oa', 'oa', 'oa.attendance', trips.attendance_no, cast(null as varchar),
    cast(null as varchar), trips.amount, cast(trips.first_on as timestamp) at time zone build.timezone,
    trips.employee_no, 'Ask for the approval of the trip, or free the days'
from trips
cross join build
