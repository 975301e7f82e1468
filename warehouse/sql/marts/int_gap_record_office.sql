-- one row per gap and request, step, fund, day of attendance or purchase behind it
-- · from int_gap_object, the facts · read by mart_gap_record
with objects as (select * from marts.int_gap_object),
gaps as (select * from marts.mart_handoff_gaps),
requests as (select * from core.fct_approval),
steps as (select * from core.fct_approval_step),
funds as (select * from core.fct_fund),
days as (select * from core.fct_attendance),
purchases as (select * from core.fct_purchase),
build as (select * from staging.company),
gap_funds as (
    select objects.gap_key, funds.fund_no
    from objects
    join funds on funds.request_no = objects.object_no and objects.object_type = 'request'
    union
    select gap_key, document_no from gaps where document_stream = 'erp.funds'
),
gap_days as (
    select objects.gap_key, days.attendance_no
    from objects
    join days on days.request_no = objects.object_no and objects.object_type = 'request'
    union
    select gap_key, document_no from gaps where document_stream = 'oa.attendance'
)
select
    objects.gap_key, 'oa.approval_requests' as stream, requests.request_no as record_key, 'request' as role,
    requests.requested_at as happened_at, requests.amount,
    concat_ws(', ', requests.kind, requests.status,
        case when requests.channel = 'paper' then 'paper' end) as says
from objects
join requests on requests.request_no = objects.object_no and objects.object_type = 'request'
union all
select
    objects.gap_key, 'oa.approval_steps', steps.step_no, 'step', coalesce(steps.decided_at, steps.asked_at),
    cast(null as decimal(18, 4)), concat_ws(', ', steps.step_name, steps.decision, steps.decided_by_no)
from objects
join steps on steps.request_no = objects.object_no and objects.object_type = 'request'
union all
select
    gap_funds.gap_key, 'erp.funds', funds.fund_no, 'funds',
    cast(funds.booked_on as timestamp) at time zone build.timezone, funds.amount,
    concat_ws(', ', funds.kind, funds.status)
from gap_funds
cross join build
join funds on funds.fund_no = gap_funds.fund_no
union all
select
    gap_days.gap_key, 'oa.attendance', days.attendance_no, 'attendance',
    cast(days.on_date as timestamp) at time zone build.timezone, cast(null as decimal(18, 4)),
    concat_ws(', ', days.kind, days.status)
from gap_days
cross join build
join days on days.attendance_no = gap_days.attendance_no
union all
select
    objects.gap_key, 'erp.purchases', purchases.purchase_no, 'purchase', purchases.ordered_at,
    purchases.amount, concat_ws(', ', purchases.status, 'approval ' || purchases.approval_status)
from objects
join purchases on purchases.purchase_no = objects.object_no and objects.object_type = 'purchase'
