"""Connections and sessions: SQLite (durable WAL) by default, PostgreSQL by address."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import DBAPIError as DatabaseError
from sqlalchemy.exc import OperationalError as DatabaseOutOfReach
from sqlalchemy.orm import Session

from survey_app.errors import Invalid
from survey_app.storage.turns import Turns, WaitingConnection

# The edges know these names from here; they import no SQLAlchemy themselves.
__all__ = [
    "Database",
    "DatabaseError",
    "DatabaseOutOfReach",
    "Session",
    "is_unwritable",
    "sqlite_path",
]

BUSY_TIMEOUT_SECONDS = 30
CHECKPOINT_TIMEOUT_MILLISECONDS = 500
GLANCES_AT_ONCE = 2


class Database:
    """One database: ``session()`` for reading, ``session(write=True)`` for changing.

    A writing session on SQLite begins with BEGIN IMMEDIATE, when its turn has come: it waits at
    the start instead of failing in the middle.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _create_engine(url)
        self._writing_engine = self.engine.execution_options(immediate=True)
        self._glancing_engine = self.engine if self.is_sqlite else _create_glancing_engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def session(self, *, write: bool = False) -> Session:
        return Session(self._writing_engine if write else self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing session that commits at the end and rolls back on an error."""
        with self.session(write=True) as session, session.begin():
            yield session

    def glance(
        self, statement: str, values: Mapping[str, object] | Sequence[object]
    ) -> Sequence[Sequence[object]]:
        """The rows of a statement as the driver gives them: outside of transactions, and unasked
        whether the connection is still good. One that is not is thrown away and the driver's error
        raised; whoever can ask in another way does."""
        connection = self._glancing_engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement, values)
            return cursor.fetchall()
        except Exception:
            connection.invalidate()
            raise
        finally:
            connection.close()

    def empty_log(self) -> None:
        """Write SQLite's log back and cut it to nothing, so that it tells no order of events.

        Writers wait meanwhile. A reader that is not done soon puts it off to the next time.
        """
        if not self.is_sqlite:
            return
        with self.engine.connect() as connection:
            connection.rollback()  # the checkpoint must stand outside a transaction
            driver: Any = connection.connection.driver_connection
            driver.take_turn(BUSY_TIMEOUT_SECONDS)
            try:
                driver.execute(f"PRAGMA busy_timeout={CHECKPOINT_TIMEOUT_MILLISECONDS}")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
                driver.give_turn_back()

    def dispose(self) -> None:
        self.engine.dispose()
        self._glancing_engine.dispose()


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite address; None for another database."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        return None
    return Path(address.database)


def is_unwritable(error: Exception) -> bool:
    """Whether a text with a zero character was asked for or to be stored: PostgreSQL has none, and
    no honest browser sends one."""
    return isinstance(error, DatabaseError) and "cannot contain NUL" in str(error.orig)


def _create_engine(url: str) -> Engine:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Invalid("DATABASE_URL is not an address of a database.") from error
    if address.get_backend_name() != "sqlite":
        engine = create_engine(address, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "handle_error", _without_details)
        return engine
    path = sqlite_path(url)
    if path is not None and not path.exists():
        # Answers and password hashes: nobody else on this machine is to read them.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    options = {"timeout": BUSY_TIMEOUT_SECONDS, "factory": WaitingConnection}
    engine = create_engine(address, connect_args=options, hide_parameters=True)
    turns = Turns(path.with_name(f"{path.name}-turn")) if path is not None else None
    event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, turns))
    if turns is not None:
        event.listen(engine, "engine_disposed", lambda _: turns.close())
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_glancing_engine(url: str) -> Engine:
    """Connections that begin no transaction: one round trip instead of four. Each is held for a
    moment, and few ask at once."""
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=GLANCES_AT_ONCE,
        max_overflow=0,
        hide_parameters=True,
    )


def _without_details(context: ExceptionContext) -> None:
    """PostgreSQL repeats the failing row below the first line of its message. Errors are logged
    with the time, and no log may hold an answer."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(str(part).partition("\n")[0] for part in error.args)


def _prepare_sqlite(connection: WaitingConnection, turns: Turns | None) -> None:
    connection.turns = turns
    # The driver must not open transactions by itself; _begin_sqlite does, and says which kind.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        # FULL: a commit is on the disk before it returns. NORMAL would lose acknowledged
        # answers when the power fails.
        "synchronous=FULL",
        "foreign_keys=ON",
        # What is deleted is overwritten, and the log is cut when it has been written back.
        "secure_delete=ON",
        "journal_size_limit=0",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    if connection.get_execution_options().get("immediate", False):
        # Past the time SQLite is asked all the same; it says what is wrong.
        connection.connection.driver_connection.take_turn(BUSY_TIMEOUT_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
