-- one row per series and period, past and ahead
-- · from planning · read by the report's sales page, the forecasts flow
with forecasts as (select * from planning.forecast)
select
    series_kind,
    series_key,
    cast(period_on as date) as period_on,
    is_forecast,
    cast(actual as decimal(18, 4)) as actual,
    cast(forecast as decimal(18, 4)) as forecast,
    cast(lower_80 as decimal(18, 4)) as lower_80,
    cast(upper_80 as decimal(18, 4)) as upper_80,
    cast(naive as decimal(18, 4)) as naive,
    model,
    cast(model_error as decimal(18, 4)) as model_error,
    cast(naive_error as decimal(18, 4)) as naive_error,
    beats_naive
from forecasts
order by series_kind, series_key, period_on
