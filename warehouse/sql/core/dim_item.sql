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
changes as (select * from steps where state is distinct from state_before),
spans as (
    select
        *,
        case when state_before is null then timestamptz '1900-01-01 00:00:00+00'
            when is_deleted then read_at else updated_at end as valid_from,
        lead(case when is_deleted then read_at else updated_at end)
            over (partition by item_no order by run_id, is_deleted desc) as valid_to
    from changes
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
