-- one row per rate_no · from erp.exchange_rates · read by dim_exchange_rate
select
    rate_no,
    currency,
    on_date,
    -- wide enough for the product: a million times 18 digits would overflow
    cast(rate as decimal(38, 8)) as rate,
    updated_at
from raw.erp_exchange_rates
where not _deleted
