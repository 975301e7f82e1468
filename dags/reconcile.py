"""Both sides of every flow are compared once a day, and what no cursor can find is mended.

Deletes without a trace, rows stamped behind a cursor, edits of fields that another system owns. What is
still different after the repair fails the task; `triada reconcile FLOW` shows it, field by field.
"""

from flows.reconcile import RECONCILE
from hub.airflow import dag_for_pipeline

dag = dag_for_pipeline(RECONCILE, after=(), doc=__doc__)
