"""The same product on PostgreSQL: migrations, frozen versions, one sheet once, figures."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, event, text
from sqlalchemy.exc import DatabaseError

from survey_app.errors import Conflict, Forbidden
from survey_app.operations.access.api_keys import KeyScope, create_api_key
from survey_app.operations.fieldwork.devices import add_device
from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.intake.submission import Sheet, mix_links, submit_sheet
from survey_app.operations.invitations.invitations import Invited, Order, invite
from survey_app.operations.invitations.slip_lists import SlipList, WantedSlip, make_list_slips
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.batches import Claim, claim_batch, request_batch
from survey_app.operations.samples.draws import (
    count_identifiers,
    draws_of_unit,
    erase_identifiers,
    verify_draw,
)
from survey_app.storage.database import Database, Session
from survey_app.storage.migrate import downgrade, is_current, upgrade
from survey_app.storage.models import Base, CollectionPoint, SurveyStatus
from tests.factories import (
    NOW,
    answer,
    make_account,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
)
from tests.integration.operations.device_race import race_to_enrol
from tests.integration.operations.drawing import CHANGES, draw, listed
from tests.postgresql import PROGRAMS, PostgresServer
from tests.program import Done, run_program

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL server is installed")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server's own user may enter (pytest's belong to root alone)."""
    with tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def server_url(folder: Path) -> Iterator[str]:
    """A server of our own, on a free port, gone after the module."""
    server = PostgresServer(folder, fsync=False)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def database(server_url: str) -> Iterator[Database]:
    """A migrated database, emptied for each test."""
    found = Database(server_url)
    empty(found)
    upgrade(server_url)
    yield found
    found.dispose()


def empty(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


TODAY = date(2026, 6, 15)


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    assert is_current(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrations_can_be_taken_back(database: Database) -> None:
    downgrade(database.url, "base")
    upgrade(database.url)
    assert is_current(database)


def test_the_second_of_two_upgrades_waits_and_finds_nothing_left_to_do(
    database: Database, tmp_path: Path
) -> None:
    empty(database)
    environment = {**os.environ, "DATABASE_URL": database.url}
    seconds: list[Future[Done]] = []

    def start_second(*_: object, **__: object) -> None:
        """When the first has made a table, which nobody else sees yet."""
        if seconds:
            return
        command = partial(run_program, "db", "upgrade", environment=environment, folder=tmp_path)
        seconds.append(pool.submit(command))
        while not seconds[0].done() and not is_awaited(database):
            time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        event.listen(Table, "after_create", start_second)
        try:
            upgrade(database.url)
        finally:
            event.remove(Table, "after_create", start_second)
        second = seconds[0].result()
    assert (second.returncode, second.stderr) == (0, "")
    assert is_current(database)


def is_awaited(database: Database) -> bool:
    """Whether a backend waits for what another holds."""
    with database.session() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_the_main_line_holds(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, {unit: 60})
        point = make_point(session, survey, unit)
        for level in ["5"] * 10 + ["4"] * 16 + ["3"] * 5:
            answer(session, point.token, {"access.signage": level, "comment": "Cảm ơn"})
        overall = measure_unit(session, survey, unit.id, today=TODAY).overall
        assert overall is not None
        assert overall.index.value == pytest.approx(26 / 31)
        account = make_account(session)
        job = request_batch(session, survey, account, [unit.code], now=NOW)
        job_id = job.id
    with database.transaction() as session:
        assert claim_batch(session, now=NOW) == Claim(job_id, NOW, NOW)
    for emptied in ("DELETE FROM questionnaire_version", "TRUNCATE questionnaire_version CASCADE"):
        with pytest.raises(DatabaseError, match="never changes"), database.transaction() as session:
            session.execute(text(emptied))


def test_one_sheet_is_stored_once_whoever_races(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        point = make_point(session, make_survey(session, [unit]), unit)
        once, open_token = make_one_time_link(session, point), point.token
    twin = Sheet(response_id=uuid4(), token=open_token, answers={"access.signage": "5"})
    outcomes: list[str] = []

    def hand_in(sheet: Sheet) -> None:
        try:
            with database.transaction() as session:
                outcomes.append("new" if submit_sheet(session, sheet, now=NOW).is_new else "again")
        except Forbidden as error:
            outcomes.append(type(error).__name__)

    sheets = [twin] * 4 + [
        Sheet(response_id=uuid4(), token=once, answers={"access.signage": "4"}) for _ in range(4)
    ]
    threads = [threading.Thread(target=hand_in, args=(sheet,)) for sheet in sheets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Forbidden"] * 3 + ["again"] * 3 + ["new"] * 2
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM survey_response")) == 2


def test_a_used_link_takes_nothing_while_its_note_is_mixed_in(database: Database) -> None:
    """The note of its use goes and the mark comes just before the second sheet takes its note."""
    with database.transaction() as session:
        unit = make_unit(session)
        once = make_one_time_link(session, make_point(session, make_survey(session, [unit]), unit))
    sheets = [Sheet(uuid4(), once, {"access.signage": level}) for level in "51"]
    with database.transaction() as session:
        assert submit_sheet(session, sheets[0], now=NOW).is_new

    @event.listens_for(database.engine, "before_cursor_execute")
    def mix(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO spent_link"):
            with database.transaction() as other:
                mixed.append(mix_links(other, all_of_them=True))

    mixed: list[int] = []
    with pytest.raises(Forbidden), database.transaction() as session:
        submit_sheet(session, sheets[1], now=NOW)
    assert mixed == [1]
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM survey_response")) == 1
        assert session.scalar(text("SELECT count(*) FROM spent_link")) == 0


def test_one_browser_enrols_whoever_races(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        point = make_point(session, make_survey(session, [unit]), unit)
        _, code = add_device(session, point, label="Kiosk sảnh A", pin="2468", now=NOW)
    assert sorted(race_to_enrol(database, code)) == ["Closed"] * 5 + ["enrolled"]


def test_a_request_for_links_is_carried_out_once_whoever_races(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        make_point(session, make_survey(session, [unit]), unit)
        _, key = create_api_key(
            session,
            label="Một cửa",
            scopes=[KeyScope.INVITATIONS],
            unit_id=unit.id,
            expires_on=date(2026, 12, 31),
            now=NOW,
        )
    order = Order(survey="KS-2026", unit=unit.code, count=3, content=b"{}")
    outcomes: list[Invited] = []
    begun = threading.Event()

    def ask(session: Session) -> Invited:
        return invite(session, order, key=key, request_name="a-name", secret=b"s" * 32, now=NOW)

    def second() -> None:
        with database.session(write=True) as session, session.begin():
            begun.set()
            outcomes.append(ask(session))

    with database.transaction() as session:
        outcomes.append(ask(session))
        other = threading.Thread(target=second)
        other.start()
        begun.wait(timeout=10)
        other.join(timeout=2)  # it waits for this transaction, with a salt of its own
        assert other.is_alive()
    other.join(timeout=30)
    assert [outcome.is_new for outcome in outcomes] == [True, False]
    assert outcomes[0].codes == outcomes[1].codes
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM one_time_link")) == 3


def test_of_two_who_make_slips_of_one_list_at_once_one_is_told(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        point = make_point(session, survey, unit)
        account = make_account(session)
    outcomes: list[str] = []
    begun = threading.Event()

    def make(session: Session) -> int:
        place = session.get_one(CollectionPoint, point.id)
        rows = tuple(WantedSlip(f"A-{n}", "", place) for n in range(6))
        wanted = SlipList(rows, b"d" * 32, None)
        more = {"expires_on": TODAY, "account": account, "now": NOW}
        return len(make_list_slips(session, survey, wanted, **more))

    def second() -> None:
        with database.session(write=True) as session:
            begun.set()
            try:
                make(session)
            except Conflict as refusal:
                outcomes.append(refusal.message)

    with database.transaction() as session:
        assert make(session) == 6
        other = threading.Thread(target=second)
        other.start()
        begun.wait(timeout=10)
        other.join(timeout=2)
        assert other.is_alive()
    other.join(timeout=30)
    assert len(outcomes) == 1
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM one_time_link")) == 6


@pytest.mark.parametrize("status", [SurveyStatus.OPEN, SurveyStatus.CLOSED])
def test_nothing_changes_a_draw(database: Database, status: SurveyStatus) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        made = draw(session, survey, unit, listed(100), n=10)
        assert verify_draw(session, made, listed(100)).is_same_draw
        survey.status = status
    for change in CHANGES:
        with pytest.raises(DatabaseError, match="a draw"), database.transaction() as session:
            session.execute(text(change))


@pytest.mark.parametrize("reason", ["", "Bổ sung hồ sơ"])
def test_of_two_who_draw_at_once_one_is_told(database: Database, reason: str) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        if reason:  # both draw again
            draw(session, survey, unit, listed(100), n=10)
    outcomes: list[str] = []
    begun = threading.Event()

    def second() -> None:
        with database.session(write=True) as session:
            begun.set()
            try:
                draw(session, survey, unit, listed(100), n=20, reason=reason)
            except Conflict as refusal:
                outcomes.append(refusal.message)
                found = draws_of_unit(session, survey, unit.id)  # the session goes on
                outcomes.append(str(found[0].n))

    with database.transaction() as session:
        draw(session, survey, unit, listed(100), n=30, reason=reason)
        other = threading.Thread(target=second)
        other.start()
        begun.wait(timeout=10)
        other.join(timeout=2)  # it waits for this transaction, with its number already chosen
        assert other.is_alive()
    other.join(timeout=30)
    assert len(outcomes) == 2
    assert outcomes[0].startswith("Một người khác vừa chọn mẫu cho đơn vị này")
    assert outcomes[1] == "30"
    with database.session() as session:
        numbers = session.scalars(text("SELECT n FROM sample_draw ORDER BY number")).all()
        assert numbers == ([10, 30] if reason else [30])
        assert session.scalar(text("SELECT count(*) FROM sampled_dossier")) == sum(numbers)


def test_identifiers_go_only_when_the_survey_is_closed(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        draw(session, survey, unit, listed(100), n=10)
    blank = text("UPDATE sampled_dossier SET identifier = NULL")
    with pytest.raises(DatabaseError, match="never changes"), database.transaction() as session:
        session.execute(blank)
    with database.transaction() as session:
        close_survey(survey := find_survey(session, "KS-2026"))
        session.flush()
        assert erase_identifiers(session, survey, now=NOW) == 10
        assert count_identifiers(session, survey) == 0
