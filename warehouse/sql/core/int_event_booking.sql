-- one row per event that followed a request: funds and attendance booked, or taken back
-- · from erp.funds, oa.attendance · read by int_event
-- made anew by document_no:
--  core.fct_approval as request_no
--  core.fct_approval_step as request_no
--  staging.erp_funds as request_no
--  staging.oa_attendance as request_no
with funds as (select * from staging.erp_funds),
attendance as (select * from staging.oa_attendance where request_no is not null),
requests as (select * from core.fct_approval),
steps as (select * from core.fct_approval_step where decision = 'approved'),
company as (select * from staging.company),
agreed as (select request_no, max(decided_at) as approved_at from steps group by request_no),
approved as (
    select
        requests.request_no,
        coalesce(agreed.approved_at, requests.decided_at, requests.requested_at) as approved_at
    from requests
    left join agreed on agreed.request_no = requests.request_no
),
days as (
    select
        request_no,
        min(case when status <> 'cancelled' then updated_at end) as booked_at,
        min(case when status = 'cancelled' then updated_at end) as released_at
    from attendance
    group by request_no
),
events as (
    -- a fund has only the day of its booking: the hour is its row's while nothing changed since, else the
    -- approval's, or the day's first
    select
        funds.fund_no || ':funded' as event_no, 'funds booked' as kind, 'erp' as system,
        case
            when funds.status = 'booked'
                and cast(funds.updated_at at time zone company.timezone as date) = funds.booked_on
                then funds.updated_at
            else greatest(
                cast(funds.booked_on as timestamp) at time zone company.timezone, approved.approved_at
            )
        end as happened_at,
        funds.request_no
    from funds
    cross join company
    join approved on approved.request_no = funds.request_no
    union all
    select fund_no || ':reversed', 'funds reversed', 'erp', updated_at, request_no
    from funds
    where status = 'reversed'
    union all
    -- the days of a trip are booked together: one event, whatever its length
    select
        days.request_no || ':attendance', 'attendance booked', 'oa',
        coalesce(days.booked_at, approved.approved_at), days.request_no
    from days
    join approved on approved.request_no = days.request_no
    union all
    select request_no || ':released', 'attendance released', 'oa', released_at, request_no from days
)
select
    events.event_no,
    events.kind,
    0 as round_no,
    events.kind as activity,
    events.happened_at,
    cast(null as varchar) as actor_no,
    events.system,
    'system' as channel,
    'request' as object_type,
    events.request_no as object_no,
    events.request_no as document_no
from events
join requests on requests.request_no = events.request_no
where events.happened_at is not null
