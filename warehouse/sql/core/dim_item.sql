-- one row per item and validity · from erp.items as each build saw them · read by sales and supply marts
with versions as (select * from staging.erp_items_versions),
states as (
    select
        *,
        case when is_deleted then 'deleted' else concat_ws(
            chr(31), name, coalesce(category, ''), kind, unit, unit_price, standard_cost, currency,
            lead_time_days, coalesce(supplier_no, ''), min_stock, is_active
        ) end as state
    from versions
),
steps as (
    select *, lag(state) over (partition by item_no order by run_id, is_deleted desc) as state_before
    from states
),
changes as (
    select
        *,
        case when state_before is null then timestamptz '1900-01-01 00:00:00+00'
            when is_deleted then read_at else updated_at end as stamp,
        row_number() over (partition by item_no order by run_id, is_deleted desc) as position
    from steps
    where state is distinct from state_before
),
-- A stamp may be set back, be forgotten, or be another system's: a state whose stamp is not later than those
-- before began, as far as anybody knows, when it was read.
dated as (
    select
        *,
        case when position = 1 or stamp > max(stamp) over (
            partition by item_no order by position rows between unbounded preceding and 1 preceding
        ) then stamp else read_at end as dated_at
    from changes
),
-- and where that is not later either, 1 µs after the state before: starts rise in the order of the builds
starts as (
    select
        *,
        max(dated_at - position * interval '1 microsecond') over (
            partition by item_no order by position rows between unbounded preceding and current row
        ) + position * interval '1 microsecond' as valid_from
    from dated
),
spans as (
    select *, lead(valid_from) over (partition by item_no order by position) as valid_to from starts
)
select
    item_no,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    name,
    category,
    kind,
    unit,
    unit_price,
    standard_cost,
    currency,
    lead_time_days,
    supplier_no,
    min_stock,
    is_active
from spans
where not is_deleted
order by item_no, valid_from
