-- one row per gap between two systems
-- · from orders, purchases, approvals, trips, payments · read by the report's gaps page, mart_gap_record
with before_booking as (select * from marts.int_gap_order),
unapproved as (select * from marts.int_gap_approval),
unasked as (select * from marts.int_gap_policy),
approved as (select * from marts.int_gap_trip),
after_booking as (select * from marts.int_gap_delivery),
on_paper as (select * from marts.int_gap_paper),
customers as (select * from core.dim_customer where is_current),
people as (select * from core.dim_employee where is_current),
suppliers as (select * from core.dim_supplier),
dates as (select * from core.dim_date),
build as (select * from staging.build),
fallback as (select distinct country, timezone from dates where is_default_country),
in_systems as (
    select * from before_booking
    union all
    select * from unapproved
    union all
    select * from unasked
    union all
    select * from approved
    union all
    select * from after_booking
),
gaps as (
    select
        *,
        cast(null as decimal(18, 4)) as circulation_hours,
        cast(null as decimal(18, 4)) as system_median_hours
    from in_systems
    union all
    select * from on_paper
),
placed as (
    select
        gaps.*,
        people.name as owner_name,
        coalesce(people.country, fallback.country) as calendar,
        -- both ends as the owner's own calendar dates them
        cast(gaps.since_at at time zone coalesce(people.timezone, fallback.timezone) as date) as since_on,
        cast(build.as_of at time zone coalesce(people.timezone, fallback.timezone) as date) as today_on
    from gaps
    cross join build
    cross join fallback
    left join people on people.employee_no = gaps.owner_no
)
select
    placed.kind || ':' || placed.document_stream || ':' || placed.document_no as gap_key,
    placed.kind,
    placed.from_system,
    placed.to_system,
    placed.document_stream,
    placed.document_no,
    placed.account_no,
    coalesce(customers.name, suppliers.name, placed.party_name, placed.owner_name) as party_name,
    placed.amount,
    build.currency,
    placed.since_at,
    greatest(0, date_diff('day', placed.since_on, placed.today_on)) as age_days,
    greatest(0, today.working_days_before - start_day.working_days_before) as age_working_days,
    placed.owner_no,
    placed.owner_name,
    placed.next_action,
    placed.circulation_hours,
    placed.system_median_hours
from placed
cross join build
left join customers on customers.account_no = placed.account_no
left join suppliers
    on suppliers.supplier_no = case when placed.document_stream = 'erp.purchases' then placed.party_name end
left join dates today on today.country = placed.calendar and today.on_date = placed.today_on
left join dates start_day on start_day.country = placed.calendar and start_day.on_date = placed.since_on
order by placed.amount desc nulls last, placed.kind, placed.document_no
