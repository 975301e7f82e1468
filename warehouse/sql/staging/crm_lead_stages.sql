-- one row per lead_stage_no · from crm.lead_stages · read by fct_lead
select
    lead_stage_no,
    lead_no,
    stage,
    entered_at,
    by_no,
    updated_at
from raw.crm_lead_stages
where not _deleted
