"""Batches of reports: made in the background, resumed after a stop, the same bytes again."""

import errno
import io
import threading
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey_app.errors import Invalid, NotFound
from survey_app.operations.reports.batches import (
    SILENCE_LIMIT,
    Claim,
    archive_path,
    begin_draft,
    cancel_batch,
    claim_batch,
    fail_batch,
    find_batch,
    note_progress,
    render_next,
    request_batch,
)
from survey_app.operations.reports.documents import Format
from survey_app.storage.database import Database
from survey_app.storage.models import JobState, ReportJob
from survey_app.worker import work_once
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit


@pytest.fixture
def job(session: Session) -> ReportJob:
    units = [make_unit(session, f"H01.0{place}", f"Phường Số {place}") for place in (1, 2, 3)]
    survey = make_survey(session, units)
    for unit in units:
        point = make_point(session, survey, unit)
        for level in "455354":
            answer(session, point.token, {"access.signage": level})
    account = make_account(session)
    codes = [unit.code for unit in units]
    found = request_batch(session, survey, account, codes, form=Format.XLSX, now=NOW)
    session.commit()
    return found


def work(database: Database, tmp_path: Path) -> bool:
    (tmp_path / "batches").mkdir(exist_ok=True)
    return work_once(database, tmp_path, threading.Event())


def take(database: Database, now: datetime = NOW) -> Claim:
    with database.transaction() as session:
        found = claim_batch(session, now=now)
    assert found is not None
    return found


def state(database: Database, job: ReportJob) -> ReportJob:
    with database.session() as session:
        found = session.get(ReportJob, job.id)
        assert found is not None
        return found


def test_a_job_becomes_one_archive(database: Database, tmp_path: Path, job: ReportJob) -> None:
    assert work(database, tmp_path)
    done = state(database, job)
    assert (done.state, done.done, done.total) == (JobState.DONE, 3, 3)
    with zipfile.ZipFile(archive_path(tmp_path, job.id)) as archive:
        assert len(archive.namelist()) == 3
        assert archive.namelist()[0].startswith("H01.01_")
        assert archive.read(archive.namelist()[0]).startswith(b"PK")
    assert not work(database, tmp_path)  # nothing waits any more


def test_a_job_left_by_a_dead_worker_goes_on(
    database: Database, tmp_path: Path, job: ReportJob
) -> None:
    (tmp_path / "batches").mkdir()
    claim = take(database)
    with database.transaction() as session:
        draft = begin_draft(session, claim, tmp_path)
        assert render_next(session, job.id, draft) == (1, 3)
        assert note_progress(session, claim, 1, now=NOW)
    with database.transaction() as session:  # still fresh: nobody else takes it
        assert claim_batch(session, now=NOW + SILENCE_LIMIT / 2) is None
    assert work(database, tmp_path)  # by now it has been silent for months
    assert state(database, job).state == JobState.DONE
    with zipfile.ZipFile(archive_path(tmp_path, job.id)) as archive:
        assert len(set(archive.namelist())) == 3


def test_a_worker_that_was_only_silent_writes_into_nobody_elses_archive(
    database: Database, tmp_path: Path, job: ReportJob
) -> None:
    """A machine that slept for three minutes in the middle of a unit, and two workers since."""
    (tmp_path / "batches").mkdir()
    sleeper = take(database)
    with database.session() as session:
        draft = begin_draft(session, sleeper, tmp_path)
        assert render_next(session, job.id, draft) == (1, 3)
    with database.transaction() as session:
        assert note_progress(session, sleeper, 1, now=NOW)
    other = take(database, NOW + SILENCE_LIMIT * 1.5)
    with database.session() as session:
        own = begin_draft(session, other, tmp_path)
        assert render_next(session, job.id, own) == (2, 3), "it goes on where the sleeper stopped"
        render_next(session, job.id, draft)  # the sleeper wakes up
    with database.transaction() as session:
        assert note_progress(session, other, 2, now=NOW + SILENCE_LIMIT * 2)
        assert not note_progress(session, sleeper, 2, now=NOW + SILENCE_LIMIT * 2)
        fail_batch(session, sleeper, "quá muộn")
    with zipfile.ZipFile(own) as archive:
        assert [name[:6] for name in archive.namelist()] == ["H01.01", "H01.02"]
    assert (state(database, job).state, state(database, job).done) == (JobState.RUNNING, 2)
    assert work(database, tmp_path)
    assert state(database, job).state == JobState.DONE
    with zipfile.ZipFile(archive_path(tmp_path, job.id)) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist()) == 3


def test_what_a_job_of_the_same_number_left_behind_is_not_taken_for_its_own(
    database: Database, tmp_path: Path, job: ReportJob
) -> None:
    """A restored database gives numbers again that lie about as drafts already."""
    (tmp_path / "batches").mkdir()
    draft = tmp_path / "batches" / f"{job.id}-20250701T000000000000.part"
    with zipfile.ZipFile(draft, "w") as archive:
        archive.writestr("H02.01_cua-nguoi-khac.xlsx", b"of somebody else")
    assert work(database, tmp_path)
    with zipfile.ZipFile(archive_path(tmp_path, job.id)) as archive:
        names = archive.namelist()
    assert [name.partition("_")[0] for name in names] == ["H01.01", "H01.02", "H01.03"]


def test_an_archive_that_cannot_be_opened_once_is_not_begun_anew(
    database: Database, tmp_path: Path, job: ReportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open, refused = io.open, []

    def open_file(path: object, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "r+b" and not refused:
            refused.append(path)
            raise OSError(errno.EIO, "Input/output error")
        return really_open(path, mode, *rest, **more)

    monkeypatch.setattr(io, "open", open_file)
    assert work(database, tmp_path)
    assert refused
    assert state(database, job).state == JobState.FAILED
    assert not archive_path(tmp_path, job.id).exists()


def test_a_cancelled_job_stops(database: Database, tmp_path: Path, job: ReportJob) -> None:
    with database.transaction() as session:
        found = session.get(ReportJob, job.id)
        assert found is not None
        cancel_batch(found)
    assert not work(database, tmp_path)
    assert not archive_path(tmp_path, job.id).exists()


def test_a_failure_is_told_and_stops_nobody(
    database: Database, tmp_path: Path, job: ReportJob
) -> None:
    with database.transaction() as session:
        found = session.get(ReportJob, job.id)
        assert found is not None
        found.unit_codes = "H01.01\nKHONG.CO"
        found.total = 2
    assert work(database, tmp_path)
    failed = state(database, job)
    assert failed.state == JobState.FAILED
    assert failed.message


def test_a_job_belongs_to_who_asked(session: Session, job: ReportJob) -> None:
    stranger = make_account(session, "nguoikhac")
    with pytest.raises(NotFound):
        find_batch(session, job.id, stranger)
    with pytest.raises(Invalid):
        request_batch(session, job.survey, stranger, [], now=NOW)
