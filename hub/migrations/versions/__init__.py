"""One file a revision of the hub's database; Alembic runs them in order."""
