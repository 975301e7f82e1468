"""What needs a decision is asked in the OA; what was decided takes effect where it belongs.

A discount, a credit or a purchase waits for its decision. An approved trip books funds, marks the days in
attendance and is written on the lead; a refused or cancelled one says so and takes back what was booked.
"""

from flows.approvals import APPROVALS
from hub.airflow import dag_for

dag = dag_for(APPROVALS, doc=__doc__)
