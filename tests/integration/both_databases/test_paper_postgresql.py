"""Paper on PostgreSQL: a file, the keyboard, second keying and decisions; two at the same time."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from survey_app.errors import HaiLongError, Invalid
from survey_app.operations.access.accounts import Account, AccountRole
from survey_app.operations.fieldwork.collection_points import find_point
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.paper.entry import key_form
from survey_app.operations.paper.keying_decisions import ONE, Ruling, open_forms, settle_form
from survey_app.operations.paper.second_keying import key_again, waiting_forms
from survey_app.operations.paper.typed_form import TypedForm
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.operations.keying import SECRET, a_file, count, keyed, stored
from tests.postgresql import PROGRAMS, PostgresServer

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL server is installed")


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A migrated database on a server of our own."""
    with tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as name:
        server = PostgresServer(Path(name), fsync=False)
        server.start()
        upgrade(server.url)
        found = Database(server.url)
        yield found
        found.dispose()
        server.stop()


@dataclass(frozen=True)
class Desk:
    """One counter of one survey, whose every form is keyed twice, and its two clerks."""

    database: Database
    point_id: int
    lan: Account
    mai: Account

    def key(self, session: Session, number: str, level: str) -> bool:
        survey = find_survey(session, "KS-2026")
        point = find_point(session, survey, self.point_id)
        typed = TypedForm(number, {"access.signage": level})
        keyed = key_form(session, survey, point, typed, secret=SECRET, account=self.lan, now=NOW)
        return keyed.is_new

    def again(self, session: Session, number: str, level: str) -> str:
        survey = find_survey(session, "KS-2026")
        point = find_point(session, survey, self.point_id)
        typed = TypedForm(number, {"access.signage": level})
        return key_again(session, survey, point, typed, secret=SECRET, account=self.mai, now=NOW)

    def settle(self, session: Session) -> tuple[str, ...]:
        survey = find_survey(session, "KS-2026")
        (form,) = open_forms(session, survey, None)
        rulings = {item.question.code: Ruling(ONE) for item in form.disagreements}
        return settle_form(session, survey, form, rulings, account=self.mai, now=NOW)

    def race(self, first: Callable[[Session], object], second: Callable[[Session], object]) -> str:
        """The second begins while the first has written and not committed; what became of it."""
        outcome: list[str] = []

        def run() -> None:
            try:
                with self.database.transaction() as session:
                    outcome.append(str(second(session)))
            except Invalid as refusal:
                outcome.append(refusal.problems[0].message)
            except HaiLongError as refusal:
                outcome.append(refusal.message)

        with self.database.transaction() as session:
            first(session)
            session.flush()
            other = threading.Thread(target=run)
            other.start()
            other.join(timeout=1)
            assert other.is_alive(), "it waits for the first"
        other.join(timeout=30)
        (said,) = outcome
        return said


@pytest.fixture
def desk(database: Database) -> Desk:
    with database.engine.begin() as connection:
        # The audit record refuses to be emptied.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        tables = "survey_response, free_text, second_keying, audit_entry, account, survey"
        connection.execute(text(f"TRUNCATE {tables}, administrative_unit CASCADE"))
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        survey.second_keying_share = 1.0
        point = make_point(session, survey, unit)
        lan = make_account(session, "lan", AccountRole.OFFICER, unit)
        mai = make_account(session, "mai", AccountRole.OFFICER, unit)
        session.flush()
        return Desk(database, point.id, lan, mai)


def test_a_file_and_the_keyboard_and_a_second_keying(database: Database, desk: Desk) -> None:
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        token = find_point(session, survey, desk.point_id).token
        data = a_file((token, "1", "5", "", "", "Tốt"), (token, "2", "4", "", "x", ""))
        assert keyed(session, survey, data, account=desk.lan).new == 2
        assert keyed(session, survey, data, account=desk.lan).known == 2
        assert desk.key(session, "3", "5")
        assert not desk.key(session, "0003", "5")
        (waiting,) = waiting_forms(session, survey, None, desk.mai)
        assert waiting.numbers == ("0001", "0002", "0003")
    with database.transaction() as session:
        desk.again(session, "1", "5")
        desk.again(session, "3", "2")
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        (form,) = open_forms(session, survey, None)
        right = form.disagreements[0].answers[0]
        changed = desk.settle(session)
        assert len(changed) == (right == "2")
        assert open_forms(session, survey, None) == ()
        levels = sorted(str(sheet["access.signage"]) for sheet in stored(session, survey))
        assert levels == sorted(["4", "5", str(right)])


def test_two_clerks_key_one_number_at_once_and_the_first_stays(
    database: Database, desk: Desk
) -> None:
    said = desk.race(lambda s: desk.key(s, "7", "5"), lambda s: desk.key(s, "7", "4"))
    assert "đã được nhập với câu trả lời khác" in said
    assert desk.race(lambda s: desk.key(s, "8", "5"), lambda s: desk.key(s, "8", "5")) == "False"
    with database.session() as session:
        assert count(session) == 2


def test_two_second_keyings_and_two_decisions_at_once_are_one(
    database: Database, desk: Desk
) -> None:
    with database.transaction() as session:
        desk.key(session, "7", "5")
    said = desk.race(lambda s: desk.again(s, "7", "4"), lambda s: desk.again(s, "7", "3"))
    assert "không chờ nhập lần hai" in said
    said = desk.race(desk.settle, desk.settle)
    assert said == "Phiếu này đã được đối chiếu xong."
