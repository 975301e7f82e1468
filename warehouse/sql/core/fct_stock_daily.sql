-- one row per item and day of the last 365 days · from erp.stock_moves · read by mart_supply, planning
-- made anew by item_no:
--  staging.erp_stock_moves
with moves as (select * from staging.erp_stock_moves),
company as (select * from staging.company),
today as (select * from staging.today),
days as (
    select distinct dates.on_date
    from core.dim_date dates
    cross join today
    where dates.on_date > today.as_on - 365 and dates.on_date <= today.as_on
),
first_day as (select min(on_date) as on_date from days),
-- everything before the first day shown is its opening balance
moved as (
    select
        moves.item_no,
        greatest(cast(moves.moved_at at time zone company.timezone as date), first_day.on_date) as on_date,
        cast(moves.moved_at at time zone company.timezone as date) < first_day.on_date as is_before,
        moves.quantity
    from moves
    cross join company
    cross join first_day
),
per_day as (
    select
        item_no,
        on_date,
        sum(case when quantity > 0 and not is_before then quantity else 0 end) as received_quantity,
        sum(case when quantity < 0 and not is_before then -quantity else 0 end) as issued_quantity,
        sum(quantity) as moved_quantity
    from moved
    group by item_no, on_date
),
grid as (
    select items.item_no, days.on_date
    from (select distinct item_no from moves) items
    cross join days
),
balances as (
    select
        grid.item_no,
        grid.on_date,
        coalesce(per_day.received_quantity, 0) as received_quantity,
        coalesce(per_day.issued_quantity, 0) as issued_quantity,
        sum(coalesce(per_day.moved_quantity, 0)) over (
            partition by grid.item_no order by grid.on_date rows between unbounded preceding and current row
        ) as on_hand
    from grid
    left join per_day on per_day.item_no = grid.item_no and per_day.on_date = grid.on_date
)
select
    item_no,
    on_date,
    cast(received_quantity as decimal(18, 4)) as received_quantity,
    cast(issued_quantity as decimal(18, 4)) as issued_quantity,
    cast(on_hand as decimal(18, 4)) as on_hand,
    on_hand <= 0 as is_stock_out
from balances
