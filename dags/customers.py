"""An active account in the CRM is a customer in the ERP, and the CRM shows the credit the ERP grants.

An order waits here when its account is not active yet; it goes by itself once it is.
"""

from flows.customers import CUSTOMERS
from hub.airflow import dag_for

dag = dag_for(CUSTOMERS, doc=__doc__)
