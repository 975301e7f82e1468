"""What can be sold, at which price, and how much of it is free: the ERP's finished items in the CRM.

Available quantity is stock on hand less what is reserved; it follows every change of stock.
"""

from flows.catalogue import CATALOGUE
from hub.airflow import dag_for

dag = dag_for(CATALOGUE, doc=__doc__)
