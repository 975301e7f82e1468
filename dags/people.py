"""Everyone who works here, carried from the OA to the CRM and the ERP.

A person is changed in the OA and nowhere else. Who leaves stays on record with status *left*, because
leads, orders and requests name them.
"""

from flows.people import PEOPLE
from hub.airflow import dag_for

dag = dag_for(PEOPLE, doc=__doc__)
