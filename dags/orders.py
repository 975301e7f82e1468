"""A confirmed CRM order is booked in the ERP, planned from BOM, stock and lead time, and promised back.

If an order is missing in the ERP, look at `triada quarantine list` and `triada quarantine list --waiting`.
"""

from flows.orders import ORDERS
from hub.airflow import dag_for

dag = dag_for(ORDERS, doc=__doc__)
