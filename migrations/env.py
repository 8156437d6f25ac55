"""Alembic's entry: runs the migrations on the database named by the configuration."""

from alembic import context

from survey_app.storage.database import Database
from survey_app.storage.models import Base


def run() -> None:
    database = Database(context.config.get_main_option("sqlalchemy.url"))
    # One writing transaction around all of it: an upgrade happens whole or not at all.
    with database.session(write=True) as session:
        context.configure(
            connection=session.connection(),
            target_metadata=Base.metadata,
            render_as_batch=database.is_sqlite,
        )
        with context.begin_transaction():
            context.run_migrations()
        session.commit()
    database.dispose()


run()
