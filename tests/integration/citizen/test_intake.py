"""Sheets of many connections in one transaction: one outcome each, writers in line."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from survey_app.errors import Closed, Conflict, Forbidden, Invalid, NotFound
from survey_app.operations.fieldwork.links import issue_one_time_links
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.doors import open_door
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import (
    Receipt,
    Sheet,
    draft_sheet,
    store_drafts,
)
from survey_app.storage.database import Database
from survey_app.storage.group_work import GroupWork
from survey_app.storage.models import FreeText, SpentLink, Survey, SurveyResponse, SurveyUnit
from survey_app.storage.queries.plans import take_out_units
from survey_app.storage.queries.surveys import survey_units
from survey_app.storage.turns import Turns
from tests.factories import NOW, make_point, make_survey, make_unit

ANSWERS = {"access.signage": "5", "comment": "Rất tốt"}


@pytest.fixture
def links(database: Database) -> tuple[str, str, str]:
    """An open link and two one-time links, the second of them expired."""
    with database.transaction() as session:
        unit = make_unit(session)
        point = make_point(session, make_survey(session, [unit]), unit)
        (once,) = issue_one_time_links(session, point, 1, expires_on=date(2026, 12, 31))
        (late,) = issue_one_time_links(session, point, 1, expires_on=date(2026, 6, 14))
        return point.token, once, late


def sheet(token: str, **changes: object) -> Sheet:
    return replace(Sheet(uuid4(), token, ANSWERS), **changes)  # type: ignore[arg-type]


def in_threads(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_each_sheet_of_a_batch_has_its_own_outcome(
    database: Database, links: tuple[str, str, str]
) -> None:
    opened, once, late = links
    first = sheet(opened)
    changed = replace(first, answers=ANSWERS | {"comment": "Tệ"})
    slip = sheet(once)
    batch = [first, first, changed, slip, slip, sheet(once), sheet(late), sheet(opened)]
    with database.transaction() as session:
        drafts = [draft_sheet(open_door(session, s.token), s, now=NOW) for s in batch]
        found = store_drafts(session, drafts, now=NOW)
    kinds = [("new" if o.is_new else "again") if isinstance(o, Receipt) else type(o) for o in found]
    assert kinds == ["new", "again", Conflict, "new", "again", Forbidden, Closed, "new"]
    with database.session() as session:
        for model, rows in ((SurveyResponse, 3), (FreeText, 3), (SpentLink, 1)):
            assert session.scalar(select(func.count()).select_from(model)) == rows
        assert set(session.scalars(select(FreeText.text))) == {"Rất tốt"}


def test_a_survey_closed_elsewhere_takes_nothing_more(
    database: Database, links: tuple[str, str, str]
) -> None:
    intake, one = Intake(database), sheet(links[0])
    assert intake.submit(one, now=NOW).is_new
    with database.transaction() as session:
        close_survey(session.scalars(select(Survey)).one())
    with pytest.raises(Closed):
        intake.submit(sheet(links[0]), now=NOW)
    assert not intake.submit(one, now=NOW).is_new


def test_a_sheet_that_fails_unforeseen_fails_alone(
    database: Database, links: tuple[str, str, str]
) -> None:
    """Two wait while a third is being stored, and so go together."""
    intake = Intake(database)
    poisoned = sheet(links[0], answered_at=datetime.min.replace(tzinfo=timezone(timedelta(1) / 2)))
    found: dict[UUID, object] = {}

    def hand_in(one: Sheet) -> None:
        try:
            found[one.response_id] = intake.submit(one, now=NOW).is_new
        except OverflowError as error:
            found[one.response_id] = type(error)

    first, honest = sheet(links[0]), sheet(links[0])
    with database.session(write=True) as holder:
        holder.connection()  # holds the turn to write
        threads = [threading.Thread(target=hand_in, args=(first,))]
        threads[0].start()
        await_(lambda: intake._commit._is_led and not intake._commit._line)
        threads += [threading.Thread(target=hand_in, args=(one,)) for one in (poisoned, honest)]
        for thread in threads[1:]:
            thread.start()
        await_(lambda: len(intake._commit._line) == 2)
    for thread in threads:
        thread.join(30)
    outcomes = [found[one.response_id] for one in (first, poisoned, honest)]
    assert outcomes == [True, OverflowError, True]


def test_a_place_that_was_taken_out_takes_nothing_though_another_got_its_number(
    database: Database, links: tuple[str, str, str]
) -> None:
    """SQLite gives the number of the last place again when that place is gone."""
    with database.transaction() as session:
        survey = session.scalars(select(Survey)).one()
        other = make_unit(session, "H01.02", "Phường Khác")
        session.add(SurveyUnit(survey_id=survey.id, unit_id=other.id))
        gone = make_point(session, survey, other)
    intake = Intake(database)
    draft = intake._draft(sheet(gone.token), NOW, None)  # its door is known to this process
    with database.transaction() as session:
        take_out_units(session, survey.id, [other.id])
        new = make_point(session, survey, survey_units(session, survey.id)[0].unit)
        assert new.id == draft.door.point_id
    with pytest.raises(NotFound):
        intake.submit(sheet(gone.token), now=NOW)
    assert intake.submit(sheet(new.token), now=NOW).is_new
    with database.session() as session:
        assert len(session.scalars(select(SurveyResponse)).all()) == 1


def await_(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("never came to be")


def test_two_processes_store_each_sheet_once(
    database: Database, links: tuple[str, str, str]
) -> None:
    other = Database(database.url)
    intakes = [Intake(database), Intake(other)]
    sheets = [sheet(links[0]) for _ in range(40)]
    found: list[bool] = []

    def hand_in(one: Sheet, intake: Intake) -> Callable[[], None]:
        return lambda: found.append(intake.submit(one, now=NOW).is_new)

    in_threads([hand_in(one, intake) for one in sheets for intake in intakes])
    other.dispose()
    assert (found.count(True), found.count(False)) == (40, 40)


def test_what_comes_during_a_commit_goes_together() -> None:
    batches: list[list[int]] = []

    def work(jobs: Sequence[int]) -> list[int]:
        batches.append(list(jobs))
        if len(batches) == 1:  # the first commit lasts until all the others have come
            deadline = time.monotonic() + 20
            while len(jobs) + len(commit._line) < 20 and time.monotonic() < deadline:
                time.sleep(0.001)
        return [job * 2 for job in jobs]

    commit = GroupWork[int, int](work, most=8)
    doubled: dict[int, int] = {}
    in_threads([lambda n=n: doubled.update({n: commit.do(n)}) for n in range(20)])  # type: ignore[misc]
    assert doubled == {n: n * 2 for n in range(20)}
    assert len(batches) == 1 + math.ceil((20 - len(batches[0])) / 8)
    assert max(map(len, batches)) <= 8


def test_jobs_that_come_together_stand_in_the_line_together() -> None:
    batches: list[list[int]] = []

    def work(jobs: Sequence[int]) -> list[int]:
        batches.append(list(jobs))
        time.sleep(0.002)
        return [job * 2 for job in jobs]

    commit = GroupWork[int, int](work, most=8)
    assert commit.do_all(range(20)) == [2 * n for n in range(20)]
    assert batches == [list(range(8)), list(range(8, 16)), list(range(16, 20))]
    assert commit.do_all([]) == []

    found: dict[int, list[int]] = {}
    starts = range(0, 1000, 100)
    in_threads(
        [lambda n=n: found.update({n: commit.do_all(range(n, n + 30))}) for n in starts]  # type: ignore[misc]
    )
    assert found == {n: [2 * m for m in range(n, n + 30)] for n in starts}


def test_a_device_s_batch_is_one_commit_and_each_sheet_has_its_outcome(
    database: Database, links: tuple[str, str, str]
) -> None:
    opened, _, late = links
    intake, one = Intake(database), sheet(opened)
    commits: list[int] = []
    store = intake._store_together
    intake._commit._work = lambda jobs: (commits.append(len(jobs)), store(jobs))[1]
    with database.session() as session:
        unit_id = open_door(session, opened).unit_id
    wrong = sheet(opened, answers={"access.signage": "9"})
    batch = [one, wrong, one, sheet(opened), sheet("KHONGCO"), sheet(late)]
    found = intake.submit_all(batch, now=NOW, unit_id=unit_id)
    kinds = [("new" if o.is_new else "again") if isinstance(o, Receipt) else type(o) for o in found]
    assert kinds == ["new", Invalid, "again", "new", NotFound, Closed]
    assert commits == [4]
    (refused,) = intake.submit_all([sheet(opened)], now=NOW, unit_id=unit_id + 1)
    assert isinstance(refused, Forbidden)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(SurveyResponse)) == 2


def test_a_failed_commit_is_told_to_everybody_and_the_next_one_works() -> None:
    is_broken = True

    def work(jobs: Sequence[int]) -> Sequence[int]:
        time.sleep(0.02)
        if is_broken:
            raise OSError("disk full")
        return jobs

    commit = GroupWork(work, most=8)
    failed: list[int] = []

    def try_it(number: int) -> None:
        with pytest.raises(OSError, match="disk full"):
            commit.do(number)
        failed.append(number)

    in_threads([lambda n=n: try_it(n) for n in range(6)])  # type: ignore[misc]
    assert sorted(failed) == list(range(6))
    is_broken = False
    assert commit.do(7) == 7


def test_writers_wait_in_line(tmp_path: Path) -> None:
    first, second = Turns(tmp_path / "turn"), Turns(tmp_path / "turn")  # as of two processes
    seen: list[str] = []
    assert first.take(1)
    waiting = threading.Thread(target=lambda: (second.take(1), seen.append("second")))
    waiting.start()
    time.sleep(0.05)
    assert not first.take(0.01), "another thread of the same process waits for a time"
    seen.append("first")
    first.give_back()
    waiting.join(30)
    assert seen == ["first", "second"]
    second.give_back()
    for turns in (first, second):
        turns.close()


def test_the_turn_is_given_back_whatever_happens(database: Database) -> None:
    other = Database(database.url)
    for spoil in ("SELECT * FROM no_such_table", "SELECT 1"):
        with pytest.raises(RuntimeError), database.transaction() as session:
            try:
                session.execute(text(spoil))
            finally:
                raise RuntimeError
    database.empty_log()
    started = time.monotonic()
    with other.transaction() as session:
        session.execute(text("SELECT 1"))
    assert time.monotonic() - started < 5
    other.dispose()
