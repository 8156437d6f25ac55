"""Intake: answer sheets of many connections, stored together, acknowledged when on the disk."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import datetime

from survey_app.errors import Conflict, Forbidden, HaiLongError, Invalid
from survey_app.integrity.recent import RecentSheets
from survey_app.operations.fieldwork.links import OPEN_TOKEN_LENGTH
from survey_app.operations.intake.doors import Door, open_door
from survey_app.operations.intake.submission import (
    Draft,
    Receipt,
    Sheet,
    SurveyMoved,
    draft_sheet,
    key_of,
    store_drafts,
)
from survey_app.storage.database import Database, DatabaseError, DatabaseOutOfReach
from survey_app.storage.group_work import GroupWork
from survey_app.storage.queries.page_state import page_states
from survey_app.storage.queries.responses import sheets_by_key

MOST_AT_ONCE = 64
MOST_DOORS = 4096

Job = tuple[Draft, datetime]


class Intake:
    """The way in for sheets of one process. ``submit`` does what ``submit_sheet`` does, in a
    transaction shared with whoever sends at the same moment.

    Where an open link leads for sheets of one version never changes, so it is looked up once.
    Whether it is open, and which version the survey has now, is read in the transaction that
    stores: a survey that was closed a moment ago takes nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._doors: dict[tuple[str, str | None], Door] = {}
        self._recent = RecentSheets()
        self._commit = GroupWork(self._store, most=MOST_AT_ONCE)
        self._marks = GroupWork(self._read_marks, most=MOST_AT_ONCE)

    def submit(self, sheet: Sheet, *, now: datetime) -> Receipt:
        """Returns after the commit; raises what ``submit_sheet`` raises."""
        outcome = self._try_once(sheet, now)
        if isinstance(outcome, SurveyMoved):
            self._doors.pop((sheet.token, None), None)
            outcome = self._try_once(sheet, now)
        if isinstance(outcome, Conflict | Invalid) and sheet.version is None:
            outcome = self._compare_again(sheet, outcome, now)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _try_once(self, sheet: Sheet, now: datetime) -> Receipt | Exception:
        try:
            draft = self._draft(sheet, now, None)
        except Invalid as mistakes:
            return mistakes
        return self._commit.do((draft, now))

    def _compare_again(
        self, sheet: Sheet, refusal: HaiLongError, now: datetime
    ) -> Receipt | Exception:
        """A sheet that names no version may have come before, when the survey had another one: read
        by that of now its answers are others, or none. Who never got its receipt sends it again."""
        key = key_of(sheet.response_id, is_keyed=sheet.is_keyed)
        with self._database.session() as session:
            stored = sheets_by_key(session, {key}).get(key)
        if stored is None:
            return refusal
        code = self.door(sheet.token, None).version.rpartition("@")[0]
        outcome = self._try_once(replace(sheet, version=f"{code}@{stored[2]}"), now)
        return refusal if isinstance(outcome, Invalid) else outcome

    def submit_all(
        self, sheets: Sequence[Sheet], *, now: datetime, unit_id: int
    ) -> list[Receipt | Exception]:
        """What became of each sheet, after the commit: its receipt, or what ``submit`` would raise.

        ``unit_id``: the one unit that the sender may speak for; Forbidden for another's link.
        """
        found = [self._try_draft(sheet, now, unit_id) for sheet in sheets]
        jobs = [(draft, now) for draft in found if isinstance(draft, Draft)]
        outcomes = iter(self._commit.do_all(jobs))
        return [next(outcomes) if isinstance(draft, Draft) else draft for draft in found]

    def _draft(self, sheet: Sheet, now: datetime, unit_id: int | None) -> Draft:
        door = self.door(sheet.token, sheet.version)
        if unit_id not in (None, door.unit_id):
            raise Forbidden("Phiếu thuộc một đơn vị khác với đơn vị đặt thiết bị này.")
        try:
            return draft_sheet(door, sheet, now=now)
        except Invalid:
            if sheet.version is not None:
                raise
        # Read by the version that this process knows; the survey may have gone on to another.
        self._doors.pop((sheet.token, None), None)
        return draft_sheet(self.door(sheet.token, None), sheet, now=now)

    def _try_draft(self, sheet: Sheet, now: datetime, unit_id: int) -> Draft | Exception:
        try:
            return self._draft(sheet, now, unit_id)
        except Exception as error:  # noqa: BLE001  (told to the sender: one fails no other)
            return error

    def door(self, token: str, version: str | None) -> Door:
        """What a link leads to for sheets of this version; raises NotFound."""
        door = self._doors.get((token, version))
        if door is None:
            with self._database.session() as session:
                door = open_door(session, token, version)
            # One-time links come once; a version that the survey never had it may have tomorrow.
            if len(token) == OPEN_TOKEN_LENGTH and version in (None, door.version):
                if len(self._doors) >= MOST_DOORS:
                    self._doors.clear()
                self._doors[token, version] = door
        return door

    def page_mark(self, token: str) -> Hashable:
        """All that the pages of an open link rest on, as it is in the database now; None for a link
        that is not there. Equal marks, equal pages. Whoever asks at the same moment is answered by
        one reading, which begins after they have asked."""
        return self._marks.do(token)

    def _read_marks(self, tokens: Sequence[str]) -> Sequence[Hashable]:
        states = page_states(self._database, tokens)
        return [states.get(token) for token in tokens]

    def _store(self, jobs: Sequence[Job]) -> Sequence[Receipt | Exception]:
        """Where something fails that nobody has foreseen, each sheet is stored by itself: one
        cannot fail the others. A database out of reach would fail them all, one after the other."""
        try:
            return self._store_together(jobs)
        except Exception as error:  # noqa: BLE001  (raised by whoever sent the sheet)
            if isinstance(error, DatabaseOutOfReach):
                return [error] * len(jobs)
            if len(jobs) == 1:
                return [self._look_again(jobs[0], error)]
        return [outcome for job in jobs for outcome in self._store([job])]

    def _look_again(self, job: Job, error: Exception) -> Receipt | Exception:
        """What the database refused may rest on what was taken out at that moment, as a place is:
        looked up again, it is told in a sentence."""
        if not isinstance(error, DatabaseError):
            return error
        try:
            return self._store_together([job])[0]
        except Exception as again:  # noqa: BLE001  (raised by whoever sent the sheet)
            return again

    def _store_together(self, jobs: Sequence[Job]) -> list[Receipt | HaiLongError]:
        latest = max(now for _, now in jobs)
        drafts = [draft for draft, _ in jobs]
        try:
            with self._database.transaction() as session:
                return store_drafts(session, drafts, now=latest, recent=self._recent)
        except Exception:
            self._recent.spread_again()
            raise
