"""The chain of the audit record: whole whoever writes at once, and tampering shows."""

import hashlib
import json
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from survey_app.config import Settings
from survey_app.operations.audit.check import Anchor, Break, check_chain, head_of
from survey_app.operations.audit.entries import record
from survey_app.storage.audit_chain import UnrecordedError, require_entry
from survey_app.storage.database import Database, Session
from survey_app.storage.migrate import downgrade, upgrade
from survey_app.storage.models import AuditEntry, Survey
from survey_app.storage.models.audit import NO_HASH
from tests.factories import NOW, make_account, make_survey, make_unit
from tests.integration.audit.books import broken, check, tampering, write

#: The migration before the one that chains the record.
BEFORE = "0021_publication_proposals"


def subjects(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(AuditEntry.subject).order_by(AuditEntry.number)))


# ── writing ───────────────────────────────────────────────────────────────────────────────────


def test_entries_count_from_one_and_can_be_checked_with_a_pencil(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        account_id = account.id
        record(session, "sign_in", now=NOW, account=account)
        record(
            session, "survey.open", now=NOW, subject="KS-2026", detail={"to": {"status": "open"}}
        )
    with database.session() as session:
        first, second = session.scalars(select(AuditEntry).order_by(AuditEntry.number))
        assert (first.number, second.number) == (1, 2)
        assert head_of(session) == Anchor(2, second.hash)
    written = (
        f'{{"account":{account_id},"action":"sign_in","at":"2026-06-15T03:30:00.000000Z",'
        f'"detail":"{{}}","number":1,"previous":"{NO_HASH}","subject":"","subject_kind":""}}'
    )
    assert first.hash == hashlib.sha256(written.encode()).hexdigest()
    then = json.dumps(
        {
            "account": None,
            "action": "survey.open",
            "at": "2026-06-15T03:30:00.000000Z",
            "detail": '{"to":{"status":"open"}}',
            "number": 2,
            "previous": first.hash,
            "subject": "KS-2026",
            "subject_kind": "survey",
        },
        separators=(",", ":"),
    )
    assert second.hash == hashlib.sha256(then.encode()).hexdigest()
    assert broken(database) is None


def test_what_is_not_committed_was_not_done(database: Database) -> None:
    with database.session(write=True) as session:
        record(session, "survey.open", now=NOW, subject="gone with the rollback")
        session.rollback()
        record(session, "survey.open", now=NOW, subject="kept")
        with pytest.raises(ValueError, match="undo"), session.begin_nested():
            record(session, "survey.open", now=NOW, subject="gone with the savepoint")
            raise ValueError("undo")
        with session.begin_nested():
            record(session, "survey.open", now=NOW, subject="kept too")
        session.commit()
        record(session, "survey.open", now=NOW, subject="gone with the session")
        session.close()
        record(session, "survey.open", now=NOW, subject="kept at last")
        session.commit()
    assert subjects(database) == ["kept", "kept too", "kept at last"]
    assert broken(database) is None


def test_many_at_once_make_one_chain(database: Database) -> None:
    write(database, 1)
    begun = threading.Barrier(8)

    def work(name: int) -> None:
        begun.wait(timeout=30)
        for turn in range(5):
            with database.transaction() as session:
                record(session, "survey.open", now=NOW, subject=f"{name} {turn}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    found = subjects(database)
    assert len(found) == len(set(found)) == 41
    for name in range(8):  # in the order in which each committed
        assert [s for s in found[1:] if s.startswith(f"{name} ")] == [
            f"{name} {t}" for t in range(5)
        ]
    assert check(database).last.number == 41
    assert broken(database) is None


def test_who_records_early_holds_up_nobody(database: Database) -> None:
    """The head of the chain is locked at the commit, not when something is recorded."""
    if database.is_sqlite:
        pytest.skip("SQLite lets one write at a time anyway")
    with database.session(write=True) as slow:
        record(slow, "survey.open", now=NOW, subject="recorded first")
        slow.flush()
        write(database, 1)
        slow.commit()
    assert subjects(database) == ["KS-0", "recorded first"]
    assert broken(database) is None


@pytest.mark.parametrize("is_bulk", [False, True])
def test_a_change_without_an_entry_is_refused(database: Database, is_bulk: bool) -> None:
    with database.transaction() as session:
        make_survey(session, [make_unit(session)])

    def change(session: Session) -> None:
        require_entry(session)
        if is_bulk:
            session.execute(text("SELECT 1"))
            session.query(Survey).update({"title": "khác"})
        else:
            session.scalars(select(Survey)).one().title = "khác"

    with pytest.raises(UnrecordedError), database.transaction() as session:
        change(session)
    with database.transaction() as session:
        assert session.scalars(select(Survey.title)).one() == "Khảo sát thử nghiệm"
    with database.transaction() as session:
        change(session)
        record(session, "survey.edit", now=NOW)
    with database.transaction() as session:  # nothing is written: nothing is asked
        require_entry(session)
        survey = session.scalars(select(Survey)).one()
        survey.title = survey.title
    assert subjects(database) == [""]


# ── append only ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET subject = 'khác' WHERE number = 2",
        "UPDATE audit_entry SET hash = hash",
        "DELETE FROM audit_entry WHERE number = 3",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET number = 2",
        "UPDATE audit_head SET hash = 'khác'",
        "INSERT INTO audit_head (id, number, hash) VALUES (1, 9, 'x')",
        "INSERT INTO audit_head (id, number, hash) VALUES (2, 9, 'x')",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE number = 2",
        "INSERT OR REPLACE INTO audit_head (id, number, hash) VALUES (1, 9, 'x')",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_head",
    ],
)
def test_the_database_refuses_every_change(database: Database, statement: str) -> None:
    if ("OR REPLACE" in statement) != database.is_sqlite and "OR REPLACE" in statement:
        pytest.skip("SQLite's own")
    if "TRUNCATE" in statement and database.is_sqlite:
        pytest.skip("PostgreSQL's own")
    write(database, 3)
    with pytest.raises(DatabaseError), database.engine.begin() as connection:
        connection.execute(text(statement))
    assert broken(database) is None
    assert check(database).last.number == 3


# ── tampering ─────────────────────────────────────────────────────────────────────────────────


def sql(*statements: str) -> Callable[[Connection], None]:
    def tamper(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return tamper


def swapped(connection: Connection) -> None:
    """The contents of 4 and 5, each under the other's number and hash."""
    rows = dict(
        connection.execute(
            text("SELECT number, subject FROM audit_entry WHERE number IN (4, 5)")
        ).all()  # type: ignore[arg-type]
    )
    for number, other in ((4, 5), (5, 4)):
        values = {"subject": rows[other], "number": number}
        connection.execute(
            text("UPDATE audit_entry SET subject = :subject WHERE number = :number"), values
        )


TAMPERINGS = {
    "the subject": (sql("UPDATE audit_entry SET subject = 'X' WHERE number = 4"), 4, Break.CHANGED),
    "the action": (
        sql("UPDATE audit_entry SET action = 'sign_in' WHERE number = 1"),
        1,
        Break.CHANGED,
    ),
    "the account": (
        sql("UPDATE audit_entry SET account_id = NULL WHERE number = 2"),
        2,
        Break.CHANGED,
    ),
    "the time": (
        sql("UPDATE audit_entry SET happened_at = '2026-06-15 03:30:01.000000' WHERE number = 6"),
        6,
        Break.CHANGED,
    ),
    "the detail": (sql("UPDATE audit_entry SET detail = '{ }' WHERE number = 4"), 4, Break.CHANGED),
    "the hash": (sql("UPDATE audit_entry SET hash = 'abc' WHERE number = 6"), 6, Break.CHANGED),
    "one taken out": (sql("DELETE FROM audit_entry WHERE number = 3"), 3, Break.MISSING),
    "the first taken out": (sql("DELETE FROM audit_entry WHERE number = 1"), 1, Break.MISSING),
    "numbers swapped": (
        sql(
            "UPDATE audit_entry SET number = 99 WHERE number = 4",
            "UPDATE audit_entry SET number = 4 WHERE number = 5",
            "UPDATE audit_entry SET number = 5 WHERE number = 99",
        ),
        4,
        Break.REORDERED,
    ),
    "contents swapped": (swapped, 4, Break.REORDERED),
    "the end cut off": (sql("DELETE FROM audit_entry WHERE number > 4"), 5, Break.CUT_OFF),
    "all of it cut off": (sql("DELETE FROM audit_entry"), 1, Break.CUT_OFF),
    "one put behind": (
        sql(
            "INSERT INTO audit_entry (number, happened_at, action, subject_kind, subject, detail,"
            " hash) SELECT 7, happened_at, action, subject_kind, subject, detail, hash"
            " FROM audit_entry WHERE number = 6"
        ),
        7,
        Break.CHANGED,
    ),
    "one put before the first": (
        sql(
            "INSERT INTO audit_entry (number, happened_at, action, subject_kind, subject, detail,"
            " hash) SELECT -7, happened_at, action, subject_kind, subject, detail, hash"
            " FROM audit_entry WHERE number = 1"
        ),
        -7,
        Break.ADDED,
    ),
    "the head set back": (sql("UPDATE audit_head SET number = 5"), 6, Break.ADDED),
    "the head's hash": (sql("UPDATE audit_head SET hash = 'abc'"), 6, Break.CHANGED),
    "the head taken away": (sql("DELETE FROM audit_head"), 1, Break.ADDED),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_the_first_broken_place_is_told(database: Database, name: str) -> None:
    tamper, number, what = TAMPERINGS[name]
    with database.transaction() as session:
        account = make_account(session)
    write(database, 6, account=account)
    assert broken(database) is None
    with tampering(database) as connection:
        tamper(connection)
    assert broken(database) == (number, what)


def test_one_taken_out_with_the_rest_moved_up_shows(database: Database) -> None:
    write(database, 6)
    with tampering(database) as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE number = 3"))
        for number in (4, 5, 6):
            connection.execute(
                text(f"UPDATE audit_entry SET number = {number - 1} WHERE number = {number}")
            )
        connection.execute(text("UPDATE audit_head SET number = 5"))
    found = broken(database)
    assert found and found[0] == 3


def test_only_an_anchor_shows_a_chain_that_was_written_anew(
    database: Database, settings: Settings
) -> None:
    """Who holds the database can seal everything again; who kept an anchor elsewhere sees it."""
    write(database, 6)
    with database.session() as session:
        kept = [
            Anchor(number, entry.hash)
            for number in (3, 6)
            if (entry := session.get(AuditEntry, number))
        ]
    for anchor in kept:
        assert broken(database, expected=anchor) is None
    with tampering(database) as connection:
        connection.execute(text("DELETE FROM audit_entry"))
        connection.execute(
            text("UPDATE audit_head SET number = 0, hash = :none"), {"none": NO_HASH}
        )
    write(database, 5)
    with database.transaction() as session:
        record(session, "survey.open", now=NOW, subject="KS-9")
    assert broken(database) is None, "the new chain is whole"
    assert broken(database, expected=kept[0]) is None, "the same entries, the same seals"
    assert broken(database, expected=kept[1]) == (6, Break.OTHER_CHAIN)
    far = Anchor(9, kept[0].hash)
    assert broken(database, expected=far) == (7, Break.CUT_OFF)


def test_a_long_chain_is_checked_in_steps(database: Database) -> None:
    write(database, 7)
    steps: list[int] = []
    found = check(database, most=3, progress=steps.append)
    assert (found.first, found.last.number, found.goes_on) == (1, 3, True)
    found = check(database, after=3, most=3)
    assert (found.first, found.last.number, found.goes_on) == (4, 6, True)
    found = check(database, after=6, most=3)
    assert (found.last.number, found.goes_on, found.is_whole) == (7, False, True)
    assert steps == [3]
    exact = check(database, most=7)
    assert (exact.last.number, exact.goes_on) == (7, False)
    with tampering(database) as connection:
        connection.execute(text("UPDATE audit_entry SET subject = 'X' WHERE number = 5"))
    assert check(database, most=3).is_whole
    assert broken(database, after=3, most=3) == (5, Break.CHANGED)
    assert broken(database, after=50) == (50, Break.MISSING)


def test_an_empty_record_is_whole(database: Database) -> None:
    assert broken(database) is None
    with database.session() as session:
        assert head_of(session) == Anchor(0, NO_HASH)
        assert check_chain(session).last.number == 0


# ── the record there was ──────────────────────────────────────────────────────────────────────


def test_the_migration_chains_the_entries_there_are(database: Database) -> None:
    """Ids with gaps, names of accounts, plain words: all of it stands in the chain, and back."""
    downgrade(database.url, BEFORE)
    columns = "id, happened_at, account_id, action, subject, detail"
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO account (id, username, display_name, role, password_hash, is_active,"
                " failed_attempts, created_at) VALUES (5, 'lan', 'Lan', 'administrator', 'x',"
                " :yes, 0, '2026-01-01')"
            ),
            {"yes": True},
        )
        for row in (
            "3, '2026-01-02 03:04:05.678900', 5, 'sign_in', '', ''",
            "4, '2026-01-02 03:04:06', 5, 'account.deactivate', 'lan', ''",
            "9, '2026-01-02 03:04:07', NULL, 'units.import', 'ds.csv', '3 thêm mới'",
        ):
            connection.execute(text(f"INSERT INTO audit_entry ({columns}) VALUES ({row})"))
    upgrade(database.url)
    assert broken(database) is None
    with database.session() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert [(e.number, e.action, e.subject_kind, e.subject) for e in found] == [
            (1, "sign_in", "", ""),
            (2, "account.deactivate", "account", "5"),
            (3, "units.import", "unit", "ds.csv"),
        ]
        assert found[0].happened_at.microsecond == 678900
        assert json.loads(found[2].detail) == {"note": "3 thêm mới"}
    write(database, 1)
    assert check(database).last.number == 4
    downgrade(database.url, BEFORE)
    with database.engine.begin() as connection:
        insert = f"INSERT INTO audit_entry ({columns.removeprefix('id, ')}) VALUES"
        connection.execute(text(f"{insert} ('2026-01-03', NULL, 'sign_in', '', '')"))
        assert list(connection.scalars(text("SELECT id FROM audit_entry ORDER BY id")))[:4] == [
            1,
            2,
            3,
            4,
        ]
    upgrade(database.url)
    assert check(database).last.number == 5
