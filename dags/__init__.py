"""When: one file a DAG, which schedules the flow of the same name; logic is in ``flows/`` and ``hub/``."""
