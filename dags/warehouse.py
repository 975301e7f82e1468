"""Everything the systems know becomes one company, checked, forecast and published in one file.

Follows the flows: runs when one of them wrote something, and once a day. A failing gate publishes nothing
and leaves the last good file in place.
"""

from flows import FLOWS
from flows.warehouse import WAREHOUSE
from hub.airflow import dag_for_pipeline

dag = dag_for_pipeline(WAREHOUSE, after=FLOWS, doc=__doc__)
