"""Pages by mail on the days somebody asked for them, and alerts when a number crosses a threshold.

Each goes out once, also when a task is tried again. `triada mail list` shows who gets what and what became
of it; `triada mail send` does at once what this DAG does.
"""

from hub.airflow import dag_for_pipeline
from reports.mail.schedule import MAIL

dag = dag_for_pipeline(MAIL, after=(), doc=__doc__)
