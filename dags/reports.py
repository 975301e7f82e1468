"""The report is rendered anew whenever the warehouse was published, and once a day.

The pages are in `reports/` under `TRIADA_HOME`; `triada report` renders them at once.
"""

from flows.warehouse import WAREHOUSE
from hub.airflow import dag_for_pipeline
from reports.daily import REPORTS

dag = dag_for_pipeline(REPORTS, after=[WAREHOUSE], doc=__doc__)
