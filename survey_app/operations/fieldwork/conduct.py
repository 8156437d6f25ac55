"""The conduct of a survey: opened, paused, closed, opened again, each turn kept with its reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, Paused, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.fieldwork.surveys import PAUSED, close_survey, open_survey
from survey_app.storage.models import Survey, SurveyStatus
from survey_app.storage.models import SurveyEvent as SurveyEvent
from survey_app.storage.queries.survey_events import Pause, events_of
from survey_app.text import clean_line

LONGEST_REASON = 500

#: Status → what may follow it. Nothing leads back to a draft: people may have answered.
TURNS: dict[SurveyStatus, tuple[SurveyStatus, ...]] = {
    SurveyStatus.DRAFT: (SurveyStatus.OPEN,),
    SurveyStatus.OPEN: (SurveyStatus.PAUSED, SurveyStatus.CLOSED),
    SurveyStatus.PAUSED: (SurveyStatus.OPEN, SurveyStatus.CLOSED),
    SurveyStatus.CLOSED: (SurveyStatus.OPEN,),
}


def needs_reason(before: SurveyStatus, after: SurveyStatus) -> bool:
    """A pause and an opening after the close: who reads the figures will ask why."""
    return after is SurveyStatus.PAUSED or before is SurveyStatus.CLOSED


def turn_survey(
    session: Session,
    survey: Survey,
    after: SurveyStatus,
    *,
    now: datetime,
    account: Account | None = None,
    reason: str = "",
) -> SurveyEvent:
    """Open, pause, close or reopen a survey.

    Raises Conflict where the survey cannot go there from where it is (somebody else was faster),
    Invalid where the turn needs a reason and has none.
    """
    # Two who turn it at one moment: the later one turns what the first has left.
    take_alone(session, survey)
    before, reason = survey.state, clean_line(reason)
    if after not in TURNS[before]:
        raise Conflict("Trạng thái của cuộc khảo sát vừa được thay đổi; vui lòng xem lại.")
    if problems := mistakes_in_reason(reason, is_needed=needs_reason(before, after)):
        raise Invalid("Chưa đổi được trạng thái của cuộc khảo sát.", problems)
    if after is SurveyStatus.PAUSED:
        survey.paused_at = now
    elif after is SurveyStatus.OPEN:
        open_survey(survey)
    else:
        close_survey(survey)
    return keep_event(
        session, survey, "status", before, after, now=now, account=account, reason=reason
    )


def take_alone(session: Session, survey: Survey) -> None:
    """Let nobody else turn or move a survey until the transaction ends, and read what the one
    before has left."""
    session.flush()  # what was set before is not to be read over
    # Read in a second step: PostgreSQL would find no version beside a row that it waited for when
    # another version was put there meanwhile.
    locking = {"of": Survey, "key_share": True}
    session.refresh(survey, ["version_id"], with_for_update=locking)
    session.refresh(survey)


def mistakes_in_reason(reason: str, *, is_needed: bool = True) -> list[Problem]:
    """What is wrong with a reason, white space put in order."""
    if is_needed and not reason:
        return [Problem("Ghi lý do.", "reason")]
    if len(reason) > LONGEST_REASON:
        return [Problem(f"Lý do dài nhất {LONGEST_REASON} ký tự.", "reason")]
    return []


def history(session: Session, survey: Survey) -> Sequence[SurveyEvent]:
    """The turns of a survey, the latest first."""
    return events_of(session, survey.id)


def require_outside_pauses(pauses: Iterable[Pause], answered_at: datetime) -> None:
    """Raises Paused for what was answered while the survey was paused, whenever it comes: a
    device without network could not know, but a pause has its reasons."""
    for start, end in pauses:
        if start <= answered_at and (end is None or answered_at < end):
            raise Paused(PAUSED)


def keep_event(
    session: Session,
    survey: Survey,
    kind: str,
    before: str,
    after: str,
    *,
    now: datetime,
    account: Account | None,
    reason: str,
) -> SurveyEvent:
    event = SurveyEvent(
        survey_id=survey.id,
        happened_at=now,
        account_id=account.id if account else None,
        kind=kind,
        before=before,
        after=after,
        reason=reason,
    )
    session.add(event)
    session.flush()
    return event
