"""Runs the migrations on the connection that `cache-release migrate` hands over, or on `-x url=…`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.work_tables import AUDIT


def run(connection: Connection) -> None:
    """Run what Alembic was asked for on this connection."""
    on_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=AUDIT.metadata,
        render_as_batch=on_sqlite,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    engine = open_engine(context.get_x_argument(as_dictionary=True)["url"])
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
