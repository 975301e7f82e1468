-- one row per month and item sold · from fct_order_line · read by the report's sales page
with lines as (select * from core.fct_order_line where is_revenue),
items as (select * from core.dim_item where is_current)
select
    cast(date_trunc('month', lines.ordered_on) as date) as month_on,
    lines.item_no,
    coalesce(max(items.name), lines.item_no) as item_name,
    max(items.category) as category,
    cast(sum(lines.quantity) as decimal(18, 4)) as quantity,
    cast(coalesce(sum(lines.amount), 0) as decimal(18, 4)) as revenue_amount,
    max(lines.currency) as currency,
    count(distinct lines.order_key) as orders
from lines
left join items on items.item_no = lines.item_no
group by cast(date_trunc('month', lines.ordered_on) as date), lines.item_no
order by month_on, lines.item_no
