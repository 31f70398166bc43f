"""Alembic's entry: runs the migrations on the connection the caller hands over, in one transaction."""

from acredita.node.storage.models import Base
from alembic import context
from sqlalchemy import Connection


def _run(connection: Connection) -> None:
    # One transaction for all, also on SQLite: a database is at one version or at the other, never between.
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
