-- one row per campaign_no · from crm.campaigns · read by fct_lead
select
    campaign_no,
    name,
    channel,
    starts_on,
    ends_on,
    budget_amount,
    currency,
    updated_at
from raw.crm_campaigns
where not _deleted
