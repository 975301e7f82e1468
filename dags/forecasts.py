"""What the warehouse expects becomes a plan proposal in the OA and, once approved, the ERP's demand plan.

Customer scores go to the accounts in the CRM. Runs when the warehouse was published.
"""

from flows.forecasts import FORECASTS
from hub.airflow import dag_for

dag = dag_for(FORECASTS, doc=__doc__)
