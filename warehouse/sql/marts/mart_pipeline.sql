-- one row per stage and owner: open leads, and those closed in the last 180 days
-- · from fct_lead · read by the report's pipeline page
with leads as (select * from core.fct_lead),
people as (select * from core.dim_employee where is_current),
build as (select * from staging.build),
stages as (
    select stage, stage_order
    from (values ('new', 1), ('engaged', 2), ('qualified', 3), ('proposal', 4), ('won', 5), ('lost', 6))
        as t (stage, stage_order)
),
closed as (select * from leads where is_closed),
-- of the leads that were ever in the stage and are decided by now, how many were won
won as (
    select 'new' as stage, count(*) as decided, sum(case when is_won then 1 else 0 end) as won from closed
    union all
    select 'engaged', count(*), sum(case when is_won then 1 else 0 end) from closed where was_engaged
    union all
    select 'qualified', count(*), sum(case when is_won then 1 else 0 end) from closed where was_qualified
    union all
    select 'proposal', count(*), sum(case when is_won then 1 else 0 end) from closed where was_proposal
),
rates as (
    select stage, case when decided > 0 then cast(round(won / decided, 4) as decimal(18, 4)) end as win_rate
    from won
    union all
    select 'won', cast(1 as decimal(18, 4))
    union all
    select 'lost', cast(0 as decimal(18, 4))
),
overall as (select max(win_rate) as win_rate from rates where stage = 'new'),
shown as (
    select
        leads.*,
        coalesce(leads.owner_no, 'unassigned') as held_by,
        case
            when leads.is_won then coalesce(leads.won_amount, leads.expected_amount)
            else leads.expected_amount
        end as value_amount
    from leads
    cross join build
    where not leads.is_closed or leads.closed_at > build.as_of - interval 180 day
),
ranked as (
    select
        *,
        row_number() over (partition by stage, held_by order by age_days, lead_no) as position,
        count(*) over (partition by stage, held_by) as total
    from shown
)
select
    ranked.stage,
    stages.stage_order,
    ranked.held_by as owner_no,
    coalesce(max(people.name), 'unassigned') as owner_name,
    count(*) as leads,
    cast(coalesce(sum(ranked.value_amount), 0) as decimal(18, 4)) as expected_amount,
    cast(coalesce(round(sum(
        cast(ranked.value_amount as decimal(38, 4)) * coalesce(rates.win_rate, overall.win_rate, 0)
    ), 4), 0) as decimal(18, 4)) as weighted_amount,
    max(coalesce(rates.win_rate, overall.win_rate)) as win_rate,
    max(case when ranked.position = (ranked.total + 1) // 2 then ranked.age_days end) as median_age_days,
    max(ranked.currency) as currency
from ranked
join stages on stages.stage = ranked.stage
cross join overall
left join rates on rates.stage = ranked.stage
left join people on people.employee_no = ranked.held_by
group by ranked.stage, stages.stage_order, ranked.held_by
order by stages.stage_order, ranked.held_by
