-- one row per metric: what it means and which streams it is made of
-- · from the words below · read by mart_metric
select metric, sort_order, title, unit_kind, better, definition, streams
from (
    values
    (
        'revenue_30d', 1, 'Revenue of the last 30 days', 'money', 'up',
        'Sum of the line amounts of confirmed orders, in company currency at the rate of the order day; '
        || 'before: the 30 days earlier.',
        'crm.orders crm.order_lines erp.sales_orders erp.sales_order_lines erp.exchange_rates'
    ),
    (
        'open_orders', 2, 'Open order value', 'money', 'neutral',
        'Confirmed orders not yet shipped, cancelled or refused, in company currency; '
        || 'before: those open 30 days ago.',
        'crm.orders erp.sales_orders erp.shipments erp.exchange_rates'
    ),
    (
        'stuck_in_gaps', 3, 'Money stuck in hand-off gaps', 'money', 'down',
        'Amounts of the documents in mart_handoff_gaps, each once, '
        || 'work done on paper in the last 90 days included.',
        'crm.leads crm.orders crm.order_lines erp.sales_orders erp.payments erp.shipments erp.funds '
        || 'erp.purchases oa.approval_requests oa.approval_steps oa.approval_policies oa.attendance '
        || 'oa.employees oa.holidays erp.exchange_rates'
    ),
    (
        'approval_hours', 4, 'Median approval time', 'working hours', 'down',
        'Median of the working hours that requests decided in the last 90 days waited for their approvers; '
        || 'before: the 90 days earlier.',
        'oa.approval_requests oa.approval_steps oa.calendars oa.holidays oa.employees'
    ),
    (
        'win_rate', 5, 'Lead win rate', 'share', 'up',
        'Won leads as a share of those closed in the last 180 days; before: the 180 days earlier.',
        'crm.leads crm.lead_stages'
    ),
    (
        'overdue_receivables', 6, 'Overdue receivables', 'money', 'down',
        'Still owed after its due day, in company currency; before: what was owed and overdue 30 days ago.',
        'erp.receivables erp.payments erp.sales_orders erp.exchange_rates'
    )
) as t (metric, sort_order, title, unit_kind, better, definition, streams)
