"""What the tests of the audit record share: entries by number, and ways around the triggers."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from survey_app.operations.audit.check import Break, Check, check_chain
from survey_app.operations.audit.entries import record
from survey_app.storage.database import Database
from survey_app.storage.models import Account
from tests.factories import NOW

TRIGGERS = {
    "audit_entry": ("audit_entry_no_update", "audit_entry_no_delete", "audit_entry_no_replace"),
    "audit_head": ("audit_head_no_delete", "audit_head_no_replace", "audit_head_goes_on"),
}
ON_POSTGRESQL = {
    "audit_entry": ("audit_entry_frozen",),
    "audit_head": ("audit_head_stays", "audit_head_goes_on"),
}


def write(database: Database, count: int, *, account: Account | None = None) -> None:
    """So many entries, one transaction each."""
    for number in range(count):
        with database.transaction() as session:
            record(session, "survey.open", now=NOW, account=account, subject=f"KS-{number}")


@contextmanager
def tampering(database: Database) -> Iterator[Connection]:
    """A connection of somebody who holds the whole database, and so can take off the triggers."""
    with database.engine.begin() as connection:
        for table, names in (TRIGGERS if database.is_sqlite else ON_POSTGRESQL).items():
            for name in names:
                on_table = "" if database.is_sqlite else f" ON {table}"
                connection.execute(text(f"DROP TRIGGER {name}{on_table}"))
        yield connection


def check(database: Database, **options: object) -> Check:
    with database.session() as session:
        return check_chain(session, **options)  # type: ignore[arg-type]


def broken(database: Database, **options: object) -> tuple[int, Break] | None:
    """The first broken place, and how; None for a whole chain."""
    found = check(database, **options)
    return None if found.what is None else (found.broken_at or 0, found.what)
