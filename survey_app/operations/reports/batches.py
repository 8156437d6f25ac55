"""Batches: the reports of many units, made in the background and kept as one ZIP."""

import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Invalid, NotFound
from survey_app.operations.fieldwork.surveyed_units import surveyed_codes
from survey_app.operations.organisation.units import find_unit
from survey_app.operations.reports.documents import Document, Format, render_document, unit_report
from survey_app.storage.models import Account, Survey
from survey_app.storage.models import JobState as JobState
from survey_app.storage.models import ReportJob as ReportJob
from survey_app.storage.queries import jobs as queries
from survey_app.storage.whole_files import put_in_place

#: A running job that gave no sign of life for this long has lost its worker.
SILENCE_LIMIT = timedelta(minutes=2)
FOLDER = "batches"
ARCHIVES_KEPT_FOR = timedelta(days=7)
#: ZIP members carry this moment: the same reports make the same archive.
ZIP_EPOCH = (2025, 7, 1, 0, 0, 0)


def request_batch(
    session: Session,
    survey: Survey,
    account: Account,
    unit_codes: Sequence[str],
    *,
    form: Format = Format.PDF,
    now: datetime,
) -> ReportJob:
    """Ask for the reports of these units. Raises Invalid when there are none."""
    if not unit_codes:
        raise Invalid("Không có đơn vị nào để lập báo cáo.")
    job = ReportJob(
        survey_id=survey.id,
        account_id=account.id,
        form=form,
        unit_codes="\n".join(unit_codes),
        state=JobState.WAITING,
        total=len(unit_codes),
        requested_at=now,
    )
    session.add(job)
    session.flush()
    return job


def find_batch(session: Session, job_id: int, account: Account) -> ReportJob:
    """A job of this account's own; raises NotFound for any other."""
    job = queries.job_with_survey(session, job_id)
    if job is None or job.account_id != account.id:
        raise NotFound("Không có đợt lập báo cáo này.")
    return job


def find_batch_within(
    session: Session,
    survey: Survey,
    job_id: int,
    account: Account,
    unit_ids: Collection[int] | None,
) -> ReportJob:
    """A job of this account's own, about this survey and about no unit outside ``unit_ids``: what
    was asked for under a grant is not to be had once the grant has ended. Raises NotFound."""
    job = find_batch(session, job_id, account)
    allowed = surveyed_codes(session, survey, unit_ids)
    if job.survey_id != survey.id or not set(job.unit_codes.split("\n")).issubset(allowed):
        raise NotFound("Không có đợt lập báo cáo này.")
    return job


def list_batches(session: Session, account: Account, survey: Survey) -> Sequence[ReportJob]:
    """The account's latest jobs in a survey, the newest first."""
    return queries.jobs_of(session, account.id, survey.id)


def cancel_batch(job: ReportJob) -> None:
    """Stop a job that has not ended; what has been rendered is dropped with it."""
    if job.state in {JobState.WAITING, JobState.RUNNING}:
        job.state = JobState.CANCELLED


def archive_path(data_directory: Path, job_id: int) -> Path:
    """Where the ZIP of a finished job lies."""
    return data_directory / FOLDER / f"{job_id}.zip"


def remove_old_archives(data_directory: Path, *, now: datetime) -> None:
    """Remove archives older than a week: what was hidden since must not lie about for ever."""
    oldest = (now - ARCHIVES_KEPT_FOR).timestamp()
    for path in (data_directory / FOLDER).iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink()


@dataclass
class Claim:
    """A worker's hold on a job; lost when another took the job over, having heard nothing of it.
    ``beat_at``: the worker's last sign of life, by which it knows the job for its own."""

    job_id: int
    claimed_at: datetime
    beat_at: datetime


def claim_batch(session: Session, *, now: datetime) -> Claim | None:
    """Take the next job (waiting, or left by a worker that died), if there is one."""
    job = queries.next_job(session, silent_since=now - SILENCE_LIMIT)
    if job is None:
        return None
    job.state = JobState.RUNNING
    job.beat_at = now
    return Claim(job.id, now, now)


def begin_draft(session: Session, claim: Claim, data_directory: Path) -> Path:
    """Where the worker who claimed a job writes its archive: a file of its own, begun with what
    workers before have rendered. One that was only silent may wake up and write on in its own."""
    folder = data_directory / FOLDER
    draft = folder / f"{claim.job_id}-{claim.claimed_at.astimezone(UTC):%Y%m%dT%H%M%S%f}.part"
    former = sorted(folder.glob(f"{claim.job_id}-*.part"))
    # Of a job that has just begun nothing is written yet. What lies here was left by one of
    # the same number, which a restored database has forgotten: the reports of others.
    if former and _require(session, claim.job_id).done:
        copyfile(former[-1], draft)
    for path in former:
        path.unlink(missing_ok=True)
    return draft


def render_next(session: Session, job_id: int, draft: Path) -> tuple[int, int]:
    """Render the job's next unit into the draft archive; (how many are in it, how many to be).

    One unit a call: the caller notes the progress in between, and after a power cut the work
    goes on where it stopped. Only reads the database.
    """
    job = _require(session, job_id)
    codes = job.unit_codes.split("\n")
    written = _count_written(draft)
    if written == len(codes):
        return written, len(codes)
    unit = find_unit(session, codes[written])
    report = unit_report(session, job.survey, unit.id, today=local_date(job.requested_at))
    _append(draft, unit.code, render_document(report, Format(job.form)))
    return written + 1, len(codes)


def note_progress(session: Session, claim: Claim, done: int, *, now: datetime) -> bool:
    """Record how far a job is; False when somebody has cancelled it or taken it over."""
    job = queries.held_job(session, claim.job_id, beat_at=claim.beat_at)
    if job is None:
        return False
    job.done = done
    job.beat_at = claim.beat_at = now
    return job.state == JobState.RUNNING


def finish_batch(session: Session, claim: Claim, draft: Path, final: Path) -> None:
    """Give the finished archive its final name; the job's progress was noted before."""
    put_in_place(draft, final)
    _require(session, claim.job_id).state = JobState.DONE


def fail_batch(session: Session, claim: Claim, message: str) -> None:
    """Record why a job could not be done, unless another has taken it over."""
    job = queries.held_job(session, claim.job_id, beat_at=claim.beat_at)
    if job is not None:
        job.state = JobState.FAILED
        job.message = message


def _require(session: Session, job_id: int) -> ReportJob:
    job = queries.job_with_survey(session, job_id)
    if job is None:
        raise NotFound("Không có đợt lập báo cáo này.")
    return job


def _count_written(draft: Path) -> int:
    """How many members the draft archive has; one cut off in the middle starts over."""
    try:
        with zipfile.ZipFile(draft) as archive:
            return len(archive.namelist())
    except FileNotFoundError:
        return 0
    except zipfile.BadZipFile:
        draft.unlink()
        return 0


def _append(draft: Path, code: str, document: Document) -> None:
    # Opened here: where zipfile cannot open the archive that is there, it begins another one in
    # its place. Stored, not deflated: a PDF is compressed already.
    with (
        draft.open("r+b" if draft.exists() else "x+b") as file,
        zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive,
    ):
        member = zipfile.ZipInfo(f"{code}_{document.filename}", ZIP_EPOCH)
        archive.writestr(member, document.data)
