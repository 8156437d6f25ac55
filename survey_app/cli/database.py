"""The database that commands work on."""

from collections.abc import Iterator
from contextlib import contextmanager

from survey_app.config import Settings
from survey_app.errors import Unavailable
from survey_app.storage.audit_chain import require_entry
from survey_app.storage.database import Database, DatabaseError, Session, sqlite_path
from survey_app.storage.migrate import is_current


@contextmanager
def opened_database() -> Iterator[Database]:
    """The configured database with every migration applied; raises Unavailable otherwise."""
    url = Settings.from_environment().database_url
    path = sqlite_path(url)
    if path is not None and not path.exists():
        raise Unavailable("Chưa có cơ sở dữ liệu; hãy chạy: hailong db upgrade")
    database = Database(url)
    try:
        if not is_current(database):
            raise Unavailable("Cơ sở dữ liệu chưa được nâng cấp; hãy chạy: hailong db upgrade")
        yield database
    except DatabaseError as error:
        raise Unavailable(f"Không dùng được cơ sở dữ liệu: {error.orig}") from error
    finally:
        database.dispose()


@contextmanager
def transaction() -> Iterator[Session]:
    """A writing session that commits when the command succeeds and recorded what it did."""
    with opened_database() as database, database.transaction() as session:
        require_entry(session)
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A session for reading only."""
    with opened_database() as database, database.session() as session:
        yield session
