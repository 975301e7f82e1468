"""What Alembic runs: the revisions, over the connection that ``upgrade`` gives, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
