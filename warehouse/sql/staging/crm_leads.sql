-- one row per lead_no · from crm.leads · read by fct_lead
select
    lead_no,
    account_no,
    campaign_no,
    -- an address typed where the company's name belongs is not carried on
    case when company_name not like '%@%' then company_name end as company_name,
    country,
    owner_no,
    source,
    item_no,
    stage,
    expected_amount,
    won_amount,
    currency,
    created_at,
    qualified_at,
    closed_at,
    external_key,
    updated_at
from raw.crm_leads
where not _deleted
