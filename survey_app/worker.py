"""The worker: a process of its own that makes batches of reports, so that answering never waits."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from survey_app.clock import local_date, now
from survey_app.config import Settings
from survey_app.operations.audit.entries import changed, record
from survey_app.operations.fieldwork.moves import make_moves_on_time
from survey_app.operations.intake.submission import mix_links
from survey_app.operations.invitations.invitations import forget_old_requests
from survey_app.operations.invitations.slip_lists import forget_old_lists
from survey_app.operations.organisation.unit_events import apply_due
from survey_app.operations.privacy.contact_requests import mix_requests
from survey_app.operations.privacy.erasure import erase_expired
from survey_app.operations.privacy.sealing import Sealer
from survey_app.operations.reports.batches import (
    FOLDER,
    Claim,
    archive_path,
    begin_draft,
    claim_batch,
    fail_batch,
    finish_batch,
    note_progress,
    remove_old_archives,
    render_next,
)
from survey_app.storage.database import Database, DatabaseError

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
BETWEEN_HOUSEKEEPINGS = timedelta(minutes=1)


def work_until_stopped(settings: Settings) -> None:
    """Look for jobs and do them until SIGTERM or SIGINT; a unit in progress is finished first."""
    stop = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    for chatty in ("weasyprint", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    database = Database(settings.database_url)
    (settings.data_directory / FOLDER).mkdir(parents=True, exist_ok=True)
    housekeeping = Housekeeping(database, settings, now())
    while not stop.is_set():
        try:
            is_busy = work_once(database, settings.data_directory, stop, housekeeping.try_if_due)
        except (DatabaseError, OSError):
            log.exception("the database or the disk does not answer; trying again")
            is_busy = False
        if not is_busy:
            housekeeping.try_if_due()
            stop.wait(SECONDS_BETWEEN_LOOKS)
    database.dispose()


class Housekeeping:
    """What is done once a minute: links are mixed, old requests and lists are forgotten, surveys go
    on with the versions they were moved to, reorganisations of units whose day has come take
    effect, what is past its time is erased, the log is emptied, old archives go."""

    def __init__(self, database: Database, settings: Settings, moment: datetime) -> None:
        self._database = database
        self._data_directory = settings.data_directory
        self._account_days = settings.account_days
        self._sealer = Sealer.of(settings)
        self._done_at = self._tried_at = moment

    def try_if_due(self) -> None:
        """What fails is tried again in a minute, and stops no reports."""
        try:
            self.do_if_due(now())
        except Exception:
            log.exception("housekeeping failed; trying again")

    def do_if_due(self, moment: datetime) -> None:
        # A clock that was put back says nothing of how long ago it was.
        if timedelta(0) <= moment - self._tried_at < BETWEEN_HOUSEKEEPINGS:
            return
        self._tried_at = moment
        is_new_day = local_date(moment) > local_date(self._done_at)
        with self._database.transaction() as session:
            mix_links(session, all_of_them=is_new_day)
            forget_old_requests(session, now=moment)
            forget_old_lists(session, now=moment)
            for survey, move in make_moves_on_time(session, now=moment):
                detail = changed({"version": move.former_number}, {"version": move.number})
                record(session, "survey.moved", now=moment, subject=survey.code, detail=detail)
            if done := apply_due(session, now=moment):
                record(session, "units.apply_due", now=moment, detail={"count": len(done)})
        with self._database.transaction() as session:
            mix_requests(session, self._sealer, now=moment)
            erase_expired(session, account_days=self._account_days, now=moment)
        self._database.empty_log()
        remove_old_archives(self._data_directory, now=moment)
        self._done_at = moment


def work_once(
    database: Database,
    data_directory: Path,
    stop: threading.Event,
    between: Callable[[], None] = lambda: None,
) -> bool:
    """Do one job if there is one; False when there was none. ``between``: done after each unit,
    so that what is due does not wait for the reports of a whole province."""
    with database.transaction() as session:
        claim = claim_batch(session, now=now())
    if claim is None:
        return False
    final = archive_path(data_directory, claim.job_id)
    with database.session() as session:
        draft = begin_draft(session, claim, data_directory)
    try:
        _do_job(database, claim, draft, final, stop, between)
    except Exception:
        log.exception("report job %s failed", claim.job_id)
        draft.unlink(missing_ok=True)
        with database.transaction() as session:
            fail_batch(session, claim, "Hệ thống gặp lỗi khi lập báo cáo; vui lòng thử lại.")
    return True


def _do_job(
    database: Database,
    claim: Claim,
    draft: Path,
    final: Path,
    stop: threading.Event,
    between: Callable[[], None],
) -> None:
    """Render unit after unit; asked to stop, leave the rest for the next worker."""
    while not stop.is_set():
        with database.session() as session:  # reading only: rendering holds up no writer
            done, total = render_next(session, claim.job_id, draft)
        with database.transaction() as session:
            if not note_progress(session, claim, done, now=now()):
                draft.unlink(missing_ok=True)
                return
            if done == total:
                finish_batch(session, claim, draft, final)
                return
        between()
