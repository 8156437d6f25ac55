"""Alembic's entry: runs the migrations on the database named by the configuration."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, event, func, select, text

from survey_app.storage.database import Database
from survey_app.storage.models import Base

#: Who holds it upgrades the database; PostgreSQL knows it by its number alone.
UPGRADE_LOCK = 1_220_907_051


def run() -> None:
    database = Database(context.config.get_main_option("sqlalchemy.url"))
    if database.is_sqlite:
        event.listen(database.engine, "connect", _let_tables_be_made_anew)
    # One writing transaction around all of it: an upgrade happens whole or not at all.
    with database.session(write=True) as session:
        if not database.is_sqlite:
            # Two at once: the second waits, and finds nothing left to do. A writer of SQLite does.
            session.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        context.configure(
            connection=session.connection(),
            target_metadata=Base.metadata,
            render_as_batch=database.is_sqlite,
        )
        with context.begin_transaction():
            context.run_migrations()
        if database.is_sqlite:
            _require_sound_keys(session.connection())
        session.commit()
    database.dispose()


def _let_tables_be_made_anew(connection: Any, _record: Any) -> None:
    """SQLite changes a constraint by making the table anew, and takes the rows that point to the
    old one for broken while it is gone. It can be told so only before a transaction begins."""
    connection.execute("PRAGMA foreign_keys=OFF")


def _require_sound_keys(connection: Connection) -> None:
    """What was not watched meanwhile is looked at before the upgrade is kept."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"rows point to nothing after the migration: {broken[:5]}")


run()
