"""A paid order is released for shipment, and the CRM shows when the goods have left.

The ERP decides: it ships when stock is enough, waits when it is not, and refuses what is neither paid nor
within credit.
"""

from flows.payments import PAYMENTS
from hub.airflow import dag_for

dag = dag_for(PAYMENTS, doc=__doc__)
