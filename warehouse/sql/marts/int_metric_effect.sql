-- one row per metric and step of a flow whose rows, once set right or moved, change the metric
-- · from the words below · read by int_metric_set_aside
select metric, flow, step, waiting_counts, says
from (
    values
    -- the CRM's orders count as they are: only what is wrong in them can still change, not what waits
    ('revenue_30d', 'orders', 'book', false, 'what is wrong in the order is corrected'),
    ('open_orders', 'orders', 'book', false, 'what is wrong in the order is corrected'),
    ('open_orders', 'payments', 'release', true, 'the goods leave, and the order is open no more'),
    ('open_orders', 'orders', 'cancel', true, 'the ERP drops the order'),
    -- a gap closes when its row moves
    ('stuck_in_gaps', 'orders', 'book', true, 'the order is booked'),
    ('stuck_in_gaps', 'orders', 'report_back', true, 'the CRM is told'),
    ('stuck_in_gaps', 'payments', 'release', true, 'the paid order is shipped'),
    ('stuck_in_gaps', 'payments', 'report_back', true, 'the CRM is told'),
    ('stuck_in_gaps', 'approvals', 'ask_order', true, 'somebody is asked'),
    ('stuck_in_gaps', 'approvals', 'ask_purchase', true, 'somebody is asked'),
    ('stuck_in_gaps', 'approvals', 'book_funds', true, 'the funds are booked'),
    ('stuck_in_gaps', 'approvals', 'reverse_funds', true, 'the funds are reversed'),
    ('stuck_in_gaps', 'approvals', 'book_attendance', true, 'the days are booked'),
    ('stuck_in_gaps', 'approvals', 'release_attendance', true, 'the days are free again'),
    ('stuck_in_gaps', 'approvals', 'decide_order', true, 'the order is told'),
    ('stuck_in_gaps', 'approvals', 'decide_purchase', true, 'the purchase is told'),
    -- a request that nobody could be asked for is in no median
    ('approval_hours', 'approvals', 'ask_order', true, 'the request is filed'),
    ('approval_hours', 'approvals', 'ask_purchase', true, 'the request is filed'),
    ('approval_hours', 'forecasts', 'propose', true, 'the request is filed')
    -- leads and receivables are read as they are: no step stands between them and their metrics
) as t (metric, flow, step, waiting_counts, says)
