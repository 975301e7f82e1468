-- one row per order line; an order keyed into the ERP by hand has its lines from there
-- · from crm.order_lines, erp.sales_order_lines · read by mart_sales, mart_supply
-- made anew by order_key:
--  core.fct_order
--  staging.crm_order_lines as order_no
--  staging.erp_sales_order_lines through core.fct_order on sales_order_no
--  core.dim_item through core.fct_order_line on item_no
--  core.dim_exchange_rate through core.fct_order_line on order_currency = currency, ordered_on = on_date
--  core.dim_exchange_rate through core.fct_order_line on cost_currency = currency, ordered_on = on_date
with orders as (select * from core.fct_order),
crm_lines as (select * from staging.crm_order_lines),
erp_lines as (select * from staging.erp_sales_order_lines),
rates as (select * from core.dim_exchange_rate),
items as (select * from core.dim_item),
lines as (
    select
        orders.order_key, crm_lines.order_line_no, crm_lines.line_no, crm_lines.item_no, crm_lines.quantity,
        crm_lines.unit_price, crm_lines.discount_rate, crm_lines.line_amount, 'crm' as source_system
    from crm_lines
    join orders on orders.order_no = crm_lines.order_no
    union all
    select
        orders.order_key, erp_lines.sales_order_line_no, erp_lines.line_no, erp_lines.item_no,
        erp_lines.quantity, erp_lines.unit_price, erp_lines.discount_rate, erp_lines.line_amount, 'erp'
    from erp_lines
    join orders on orders.sales_order_no = erp_lines.sales_order_no and orders.order_no is null
)
select
    lines.order_line_no,
    lines.order_key,
    orders.order_no,
    orders.sales_order_no,
    lines.line_no,
    lines.source_system,
    lines.item_no,
    orders.account_no,
    orders.ordered_on,
    orders.is_revenue,
    lines.quantity,
    lines.unit_price,
    lines.discount_rate,
    lines.line_amount,
    orders.order_currency,
    cast(round(lines.line_amount * rates.rate, 4) as decimal(18, 4)) as amount,
    -- the item as it was when it was ordered
    items.category as item_category,
    items.currency as cost_currency,
    cast(
        round(cast(lines.quantity as decimal(38, 4)) * items.standard_cost * cost_rates.rate, 4)
        as decimal(18, 4)
    ) as cost_amount,
    orders.currency
from lines
join orders on orders.order_key = lines.order_key
left join items
    on items.item_no = lines.item_no and orders.ordered_at >= items.valid_from
    and (items.valid_to is null or orders.ordered_at < items.valid_to)
left join rates cost_rates on cost_rates.currency = items.currency and cost_rates.on_date = orders.ordered_on
left join rates on rates.currency = orders.order_currency and rates.on_date = orders.ordered_on
