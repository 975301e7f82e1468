-- one row per currency and day, the nearest earlier rate
-- · from erp.exchange_rates · read by every fact with money
with company as (select * from staging.company),
rates as (select * from staging.erp_exchange_rates),
span as (select * from core.int_day_range),
days as (
    select cast(unnest(generate_series(first_on, last_on, interval 1 day)) as date) as on_date from span
),
spans as (
    select
        currency,
        rate,
        on_date as valid_from,
        lead(on_date) over (partition by currency order by on_date, rate_no) as valid_to
    from rates
),
abroad as (
    -- wide, because an amount of 18 digits times a rate of 18 has more than DuckDB's 18 by default
    select spans.currency, days.on_date, cast(spans.rate as decimal(38, 8)) as rate
    from spans
    cross join company
    join days
        on days.on_date >= spans.valid_from and (spans.valid_to is null or days.on_date < spans.valid_to)
    where spans.currency <> company.currency
),
home as (
    select company.currency, days.on_date, cast(1 as decimal(38, 8)) as rate
    from company
    cross join days
)
select currency, on_date, rate from home
union all
select currency, on_date, rate from abroad
order by currency, on_date
