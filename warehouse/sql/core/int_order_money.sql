-- one row per ERP sales order: what was paid, shipped, owed and reported
-- · from erp.payments, erp.shipments, erp.receivables · read by fct_order
-- made anew by sales_order_no:
--  staging.erp_sales_orders
--  staging.erp_payments
--  staging.erp_shipments
--  staging.erp_receivables
with sales as (select * from staging.erp_sales_orders),
payments as (select * from staging.erp_payments),
shipments as (select * from staging.erp_shipments),
receivables as (select * from staging.erp_receivables),
paid as (
    select
        sales_order_no,
        sum(amount) as received_amount,
        min(recorded_at) as first_paid_at,
        max(recorded_at) as last_paid_at,
        max(case when channel = 'paper' then 1 else 0 end) as on_paper
    from payments
    group by sales_order_no
),
shipped as (
    select
        sales_order_no,
        min(requested_at) as requested_at,
        -- of several shipments one may have left while another has not
        case when max(case when status in ('requested', 'waiting') then 1 else 0 end) = 0
            then max(case when status = 'shipped' then shipped_at end) end as shipped_at,
        min(case when status = 'shipped' then shipped_at end) as first_shipped_at,
        max(case when status = 'waiting' then 1 else 0 end) as is_waiting
    from shipments
    group by sales_order_no
),
owed as (
    select
        sales_order_no,
        sum(amount) as receivable_amount,
        sum(open_amount) as open_amount,
        -- the stream has one per order; of an ERP that bills in parts, the first that is still to be paid
        coalesce(min(case when open_amount > 0 then due_on end), min(due_on)) as due_on,
        max(settled_on) as settled_on
    from receivables
    group by sales_order_no
)
select
    sales.sales_order_no,
    cast(coalesce(paid.received_amount, 0) as decimal(18, 4)) as received_amount,
    paid.first_paid_at,
    case when sales.payment_status = 'paid' then paid.last_paid_at end as paid_at,
    coalesce(paid.on_paper, 0) = 1 as is_paid_on_paper,
    shipped.requested_at as shipment_requested_at,
    shipped.shipped_at,
    coalesce(shipped.is_waiting, 0) = 1 as is_waiting_for_stock,
    cast(coalesce(owed.receivable_amount, 0) as decimal(18, 4)) as receivable_amount,
    cast(coalesce(owed.open_amount, 0) as decimal(18, 4)) as open_amount,
    owed.due_on,
    owed.settled_on,
    -- no system keeps the instant of the booking; goods and money cannot come before it
    least(sales.ordered_at, paid.first_paid_at, shipped.first_shipped_at) as booked_at
from sales
left join paid on paid.sales_order_no = sales.sales_order_no
left join shipped on shipped.sales_order_no = sales.sales_order_no
left join owed on owed.sales_order_no = sales.sales_order_no
