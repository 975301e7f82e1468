"""Leads that arrive as files land in the CRM; a qualified lead's account is a prospect in the ERP.

Put CSV files into the inbox folder. A file is read once; a row that breaks a rule is quarantined with its
line, the others go on.
"""

from flows.leads import LEADS
from hub.airflow import dag_for

dag = dag_for(LEADS, doc=__doc__)
