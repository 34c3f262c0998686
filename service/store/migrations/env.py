"""Run by Alembic: migrates the connection that `upgrade` brings, in the transaction it is already in."""

from alembic import context

from service.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
