-- the published tables as duckdb has them; tests/reports/web/test_numbers.py keeps them so
create table core.dim_customer (account_no text, valid_from timestamptz, valid_to timestamptz, is_current
    boolean, customer_no text, name text, sector text, country text, city text, employees bigint, owner_no
    text, currency text, status text, merged_into text, created_on date, customer_kind text, credit_status
    text, credit_limit decimal(18,4), payment_terms_days bigint);
create table core.dim_date (country text, on_date date, year_no bigint, month_on date, week_on date,
    iso_weekday bigint, is_working_day boolean, holiday_name text, working_part text, timezone text,
    is_default_country boolean, opens_at timestamptz, closes_at timestamptz, working_s bigint,
    working_s_before bigint, working_days_before bigint);
create table core.dim_employee (employee_no text, valid_from timestamptz, valid_to timestamptz, is_current
    boolean, name text, job_title text, role text, department_no text, department_name text, manager_no text,
    substitute_no text, country text, timezone text, hired_on date, left_on date);
create table core.dim_exchange_rate (currency text, on_date date, rate decimal(38,8));
create table core.dim_item (item_no text, valid_from timestamptz, valid_to timestamptz, is_current boolean,
    name text, category text, kind text, unit text, unit_price decimal(18,4), standard_cost decimal(18,4),
    currency text, lead_time_days bigint, supplier_no text, min_stock decimal(18,4), is_active boolean);
create table core.dim_supplier (supplier_no text, name text, country text, lead_time_days bigint);
create table core.fct_activity (activity_no text, lead_no text, account_no text, employee_no text, kind text,
    happened_at timestamptz, happened_on date, request_no text, activity_cost_amount decimal(18,4),
    activity_currency text, cost_amount decimal(18,4), currency text);
create table core.fct_approval (request_no text, kind text, requester_no text, department_no text, status
    text, channel text, source_stream text, source_key text, lead_no text, requested_at timestamptz, filed_on
    date, decided_at timestamptz, steps bigint, refusals bigint, pending_approver_no text, elapsed_h
    decimal(18,4), working_h decimal(18,4), request_amount decimal(18,4), request_currency text, amount
    decimal(18,4), currency text);
create table core.fct_approval_step (step_no text, request_no text, sequence bigint, kind text, step_name
    text, channel text, requester_no text, approver_no text, acting_no text, decided_by_no text, is_substitute
    boolean, asked_at timestamptz, decided_at timestamptz, decision text, is_pending boolean, elapsed_h
    decimal(18,4), working_h decimal(18,4), target_h decimal(18,4), is_late boolean);
create table core.fct_attendance (attendance_no text, employee_no text, on_date date, kind text, hours
    decimal(18,4), status text, request_no text, department_no text, is_working_day boolean);
create table core.fct_demand_plan (demand_plan_no text, item_no text, month_on date, request_no text,
    planned_quantity decimal(18,4), ordered_quantity decimal(18,4), open_quantity decimal(18,4), share_of_year
    decimal(18,4), amount decimal(18,4), currency text);
create table core.fct_fund (fund_no text, request_no text, employee_no text, kind text, status text, booked_on
    date, fund_amount decimal(18,4), fund_currency text, amount decimal(18,4), currency text);
create table core.fct_hub_link (flow text, step text, source_stream text, source_key text, target_stream text,
    target_key text, written_at timestamptz);
create table core.fct_hub_run (run_no bigint, flow text, step text, state text, started_at timestamptz,
    finished_at timestamptz, seconds decimal(18,4), read bigint, written bigint, unchanged bigint, waiting
    bigint, quarantined bigint, adds_up boolean);
create table core.fct_lead (lead_no text, account_no text, campaign_no text, campaign_channel text,
    company_name text, country text, owner_no text, source text, item_no text, stage text, is_closed boolean,
    is_won boolean, created_at timestamptz, created_on date, qualified_at timestamptz, closed_at timestamptz,
    stage_entered_at timestamptz, was_engaged boolean, was_qualified boolean, was_proposal boolean, age_days
    bigint, lead_currency text, lead_expected_amount decimal(18,4), lead_won_amount decimal(18,4),
    expected_amount decimal(18,4), won_amount decimal(18,4), currency text);
create table core.fct_order (order_key text, order_no text, sales_order_no text, lead_no text, account_no
    text, customer_no text, account_country text, account_sector text, owner_no text, order_status text,
    sales_status text, approval_status text, approval_kind text, fulfilment text, payment_status text, state
    text, is_revenue boolean, channel text, ordered_at timestamptz, ordered_on date, requested_on date,
    promised_on date, booked_at timestamptz, first_paid_at timestamptz, paid_at timestamptz,
    shipment_requested_at timestamptz, shipped_at timestamptz, is_waiting_for_stock boolean, is_paid_on_paper
    boolean, order_currency text, order_amount decimal(18,4), sales_amount decimal(18,4), amount
    decimal(18,4), paid_amount decimal(18,4), receivable_amount decimal(18,4), open_amount decimal(18,4),
    currency text, due_on date, settled_on date);
create table core.fct_order_line (order_line_no text, order_key text, order_no text, sales_order_no text,
    line_no bigint, source_system text, item_no text, account_no text, ordered_on date, is_revenue boolean,
    quantity decimal(18,4), unit_price decimal(18,4), discount_rate decimal(18,4), line_amount decimal(18,4),
    order_currency text, amount decimal(18,4), item_category text, cost_currency text, cost_amount
    decimal(18,4), currency text);
create table core.fct_payment (payment_no text, sales_order_no text, order_key text, account_no text, paid_on
    date, recorded_at timestamptz, recorded_by_no text, channel text, recording_delay_days bigint,
    payment_amount decimal(18,4), payment_currency text, amount decimal(18,4), currency text);
create table core.fct_process_event (event_no text, object_type text, object_no text, sequence bigint, kind
    text, activity text, happened_at timestamptz, actor_no text, actor text, system text, channel text,
    previous_event_no text, previous_activity text, previous_actor_no text, previous_system text, elapsed_h
    decimal(18,4), working_h decimal(18,4), occurrence bigint, is_rework boolean);
create table core.fct_production (production_no text, plan_key text, sales_order_no text, order_key text,
    item_no text, quantity decimal(18,4), bom_level bigint, starts_on date, due_on date, status text, done_at
    timestamptz, days_late bigint);
create table core.fct_purchase (purchase_no text, supplier_no text, requester_no text, status text,
    approval_status text, request_no text, ordered_at timestamptz, ordered_on date, expected_on date,
    received_on date, lead_time_days bigint, promised_days bigint, actual_days bigint, days_late bigint, lines
    bigint, purchase_amount decimal(18,4), purchase_currency text, amount decimal(18,4), currency text);
create table core.fct_quarantine (entry_no bigint, flow text, step text, stream text, record_key text, state
    text, is_open boolean, rule text, times_seen bigint, first_seen_at timestamptz, last_seen_at timestamptz,
    opened_at timestamptz, resolved_at timestamptz, age_days bigint, interventions bigint, happened_on date,
    record_amount decimal(18,4), record_currency text, amount decimal(18,4), currency text);
create table core.fct_reconciliation (reconciliation_no bigint, flow text, step text, stream text, compared_at
    timestamptz, compared bigint, equal bigint, different bigint, missing bigint, extra bigint, repaired
    bigint, still_different bigint, is_latest boolean);
create table core.fct_shipment (shipment_no text, sales_order_no text, order_key text, account_no text, status
    text, requested_at timestamptz, shipped_at timestamptz, lines bigint, quantity decimal(18,4), is_late
    boolean);
create table core.fct_stock_daily (item_no text, on_date date, received_quantity decimal(18,4),
    issued_quantity decimal(18,4), on_hand decimal(18,4), is_stock_out boolean);
create table core.fct_trip (request_no text, employee_no text, lead_no text, account_no text, status text,
    channel text, starts_on date, ends_on date, days bigint, requested_at timestamptz, decided_at timestamptz,
    elapsed_h decimal(18,4), working_h decimal(18,4), fund_no text, booked_on date, activity_no text,
    requested_amount decimal(18,4), cost_amount decimal(18,4), currency text);
create table marts.mart_approval_times (breakdown text, kind text, step_name text, approver_no text,
    approver_name text, decided bigint, pending bigint, refused bigint, median_elapsed_h decimal(18,4),
    p90_elapsed_h decimal(18,4), median_working_h decimal(18,4), p90_working_h decimal(18,4), target_h
    decimal(18,4), oldest_pending_h decimal(18,4));
create table marts.mart_cash (week_on date, actual_in_amount decimal(18,4), expected_in_amount decimal(18,4),
    forecast_amount decimal(18,4), lower_80 decimal(18,4), upper_80 decimal(18,4), naive_amount decimal(18,4),
    overdue_amount decimal(18,4), currency text);
create table marts.mart_check (check_name text, layer text, on_table text, severity text, result text, holds
    boolean, says text, violations bigint, message text, follows_check text, failing_since timestamptz,
    checked_at timestamptz, checked_run_id integer, seconds decimal(18,6), streams text);
create table marts.mart_check_history (run_id integer, check_name text, checked_at timestamptz, layer text,
    on_table text, severity text, result text, violations bigint, seconds decimal(18,6), checked_run_id
    integer, follows_check text);
create table marts.mart_circulation (process text, kind text, channel text, cases bigint, median_people
    bigint, median_handovers bigint, most_handovers bigint, median_elapsed_h decimal(18,4), p90_elapsed_h
    decimal(18,4), median_working_h decimal(18,4), p90_working_h decimal(18,4));
create table marts.mart_customer_value (account_no text, account_name text, owner_no text, status text, orders
    bigint, revenue_amount decimal(18,4), revenue_12m_amount decimal(18,4), last_order_on date,
    days_since_order bigint, open_amount decimal(18,4), overdue_amount decimal(18,4), score decimal(18,4),
    score_on date, segment text, currency text);
create table marts.mart_data_health (system text, stream text, rows bigint, last_changed_at timestamptz,
    read_at timestamptz, waiting bigint, quarantined bigint, checks_passed bigint, checks_failed bigint,
    checks_unchecked bigint, compared_at timestamptz, compared bigint, different bigint, missing bigint, extra
    bigint, still_different bigint, conflicts bigint, interventions bigint, state text);
create table marts.mart_demand_plan (plan_no text, month_on date, items bigint, quantity decimal(18,4), amount
    decimal(18,4), currency text, as_of timestamptz, plan_lines text);
create table marts.mart_forecast (series_kind text, series_key text, period_on date, is_forecast boolean,
    actual decimal(18,4), forecast decimal(18,4), lower_80 decimal(18,4), upper_80 decimal(18,4), naive
    decimal(18,4), model text, model_error decimal(18,4), naive_error decimal(18,4), beats_naive boolean);
create table marts.mart_gap_record (gap_key text, stream text, record_key text, system text, role text,
    is_document boolean, happened_at timestamptz, amount decimal(18,4), currency text, says text);
create table marts.mart_handoff_gaps (gap_key text, kind text, from_system text, to_system text,
    document_stream text, document_no text, account_no text, party_name text, amount decimal(18,4), currency
    text, since_at timestamptz, age_days bigint, age_working_days bigint, owner_no text, owner_name text,
    next_action text, circulation_hours decimal(18,4), system_median_hours decimal(18,4));
create table marts.mart_handover (breakdown text, process text, from_system text, from_actor_no text,
    from_actor text, to_system text, to_actor_no text, to_actor text, handovers bigint, median_elapsed_h
    decimal(38,4), median_working_h decimal(38,4), paper_share decimal(18,4), example_case_no text);
create table marts.mart_lead_to_cash (order_key text, order_no text, sales_order_no text, lead_no text,
    account_no text, account_name text, owner_no text, owner_name text, amount decimal(18,4), currency text,
    order_amount decimal(18,4), order_currency text, is_revenue boolean, lead_at timestamptz, ordered_at
    timestamptz, booked_at timestamptz, paid_at timestamptz, shipped_at timestamptz, lead_to_cash_days bigint,
    order_to_ship_days bigint, state text, channel text, trip_cost_amount decimal(18,4));
create table marts.mart_metric (metric text, title text, value decimal(18,4), unit text, previous_value
    decimal(18,4), change_rate decimal(18,4), verdict text, definition text, as_of timestamptz, read_at
    timestamptz, checks_passed bigint, checks_failed bigint, checks_unchecked bigint, quarantined_rows bigint,
    waiting_rows bigint, quarantined_amount decimal(18,4), unknown_rows bigint, streams text, sort_order
    integer);
create table marts.mart_metric_source (metric text, stream text, system text, read_at timestamptz,
    last_changed_at timestamptz, rows bigint, state text, compared_at timestamptz, checks_passed bigint,
    checks_failed bigint, checks_unchecked bigint, quarantined_rows bigint, waiting_rows bigint,
    quarantined_amount decimal(18,4), unknown_rows bigint, currency text);
create table marts.mart_pipeline (stage text, stage_order integer, owner_no text, owner_name text, leads
    bigint, expected_amount decimal(18,4), weighted_amount decimal(18,4), win_rate decimal(18,4),
    median_age_days bigint, currency text);
create table marts.mart_process_variant (process text, variant_no bigint, path text, path_steps bigint, cases
    bigint, case_share decimal(18,4), median_elapsed_h decimal(18,4), p90_elapsed_h decimal(18,4),
    median_working_h decimal(18,4), p90_working_h decimal(18,4), rework_share decimal(18,4), paper_share
    decimal(18,4), example_case_no text);
create table marts.mart_publication (published_at timestamptz, as_of timestamptz, content text, marked_checks
    varchar[]);
create table marts.mart_rework (process text, activity text, cases bigint, repeated_cases bigint, repeats
    bigint, rework_share decimal(18,4), rework_working_h decimal(18,4), example_case_no text);
create table marts.mart_sales (month_on date, item_no text, item_name text, category text, quantity
    decimal(18,4), revenue_amount decimal(18,4), currency text, orders bigint);
create table marts.mart_supply (item_no text, item_name text, category text, kind text, unit text, on_hand
    decimal(18,4), reserved decimal(18,4), available decimal(18,4), monthly_demand decimal(18,4),
    days_of_cover bigint, runs_out_on date, min_stock decimal(18,4), lead_time_days bigint, suggested_quantity
    decimal(18,4), late_orders bigint);
create table marts.mart_trip_roi (request_no text, employee_no text, employee_name text, lead_no text,
    account_name text, status text, channel text, requested_at timestamptz, cost_amount decimal(18,4),
    revenue_amount decimal(18,4), currency text, order_no text, circulation_hours decimal(18,4));
