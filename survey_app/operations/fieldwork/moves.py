"""A survey under way goes on with a later version of its questionnaire, from a full hour on.

What was answered by the version before stays what it is: every sheet is read by its own version
(:mod:`~survey_app.operations.fieldwork.versions`), and whoever opened a page or holds a form of the
version before hands in a sheet of that one (docs/decisions/0031-moving-to-a-later-version.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.clock import hour_of, local_date
from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.fieldwork.conduct import (
    SurveyEvent,
    keep_event,
    mistakes_in_reason,
    take_alone,
)
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.questionnaires.lifecycle import closed_versions, hold_version
from survey_app.operations.questionnaires.lineage import Step, compare_published, edits_of
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.comparability import Comparability
from survey_app.questionnaire.definition import Questionnaire
from survey_app.storage.models import QuestionnaireVersion, Survey, SurveyMove, SurveyStatus
from survey_app.storage.queries.questionnaires import last_version, versions_between
from survey_app.storage.queries.survey_moves import due_moves, moves_of
from survey_app.storage.races import looks_again
from survey_app.text import clean_line

#: The kind of an event that tells of a move that was called off.
CALLED_OFF = "called_off"
#: How long after its hour a move is still on time: the worker looks once a minute, and makes
#: reports in between.
LATE_AFTER = timedelta(minutes=5)


class Wait(StrEnum):
    """What a move waits for: its hour, the worker's next look, a worker that should have looked
    long ago; of a closed survey that it is opened again, of one that is over a longer period."""

    HOUR = "hour"
    WORKER = "worker"
    LATE_WORKER = "late_worker"
    REOPENING = "reopening"
    LONGER_PERIOD = "longer_period"


@dataclass(frozen=True)
class Outlook:
    """What a move would mean. ``steps``: every version on the way, each with its edits against the
    one before; ``common``: what of the later version can be compared with the survey's now."""

    earlier: Questionnaire
    later: Questionnaire
    steps: tuple[tuple[QuestionnaireVersion, Step], ...]
    common: Comparability


def later_versions(session: Session, survey: Survey) -> Sequence[QuestionnaireVersion]:
    """The versions that a survey can go on with, the newest first: published after its own, of the
    same questionnaire, and not closed."""
    last = last_version(session, survey.version.code)
    if last is None:
        return []
    first = survey.version.number + 1
    closed = closed_versions(session)
    found = versions_between(session, survey.version.code, first, last.number)
    return [version for version in reversed(found) if version.id not in closed]


def foresee_move(session: Session, survey: Survey, version: QuestionnaireVersion) -> Outlook:
    """What a move to this later version would mean."""
    first = survey.version.number + 1
    path = versions_between(session, survey.version.code, first, version.number)
    steps = [(one, step) for one in path if (step := edits_of(session, one))]
    return Outlook(
        load_questionnaire(survey.version),
        load_questionnaire(version),
        tuple(steps),
        compare_published(session, survey.version, version),
    )


def waiting_move(session: Session, survey: Survey) -> SurveyMove | None:
    """The move that was decided on and whose hour has not come, or that a close holds up."""
    now = survey.version.number
    waiting = [move for move in moves_of(session, survey.id) if move.number > now]
    return waiting[-1] if waiting else None


def waits_for(survey: Survey, move: SurveyMove, *, now: datetime) -> Wait:
    """What a waiting move waits for."""
    if local_date(max(now, move.starts_at)) > survey.ends_on:
        return Wait.LONGER_PERIOD
    if now < move.starts_at:
        return Wait.HOUR
    if survey.status != SurveyStatus.OPEN:
        return Wait.REOPENING
    return Wait.WORKER if now < move.starts_at + LATE_AFTER else Wait.LATE_WORKER


def moves_decided(session: Session, survey: Survey) -> Sequence[SurveyMove]:
    """All moves of a survey, one that waits for its hour among them, the latest first."""
    return list(reversed(moves_of(session, survey.id)))


def moves_made(session: Session, survey: Survey) -> Sequence[SurveyMove]:
    """The moves that a survey has made, the first one first."""
    now = survey.version.number
    return [move for move in moves_of(session, survey.id) if move.number <= now]


@looks_again
def plan_move(
    session: Session,
    survey: Survey,
    version: QuestionnaireVersion | None,
    *,
    reason: str,
    now: datetime,
    account: Account | None = None,
) -> SurveyMove:
    """Have a survey go on with a later version from the next full hour on.

    Raises Conflict for a survey that is not under way or for which a move waits already, Invalid
    without a reason or for a version that it cannot go on with.
    """
    # Two who decide at one moment, each on another version: the later one sees the first's move.
    take_alone(session, survey)
    if survey.status != SurveyStatus.OPEN:
        raise Conflict("Chỉ chuyển phiên bản được khi cuộc khảo sát đang mở hoặc tạm dừng.")
    if waiting_move(session, survey):
        raise Conflict("Cuộc khảo sát đã có một lần chuyển phiên bản đang chờ đến giờ.")
    reason = clean_line(reason)
    problems = mistakes_in_reason(reason)
    if version is not None:
        hold_version(session, version)
    if version is None or version not in later_versions(session, survey):
        message = "Chọn một phiên bản đã công bố sau, của cùng bộ câu hỏi và chưa đóng."
        problems.insert(0, Problem(message, "version_id"))
    if version is None or problems:
        raise Invalid("Chưa chuyển được phiên bản.", problems)
    starts_at = hour_of(now) + timedelta(hours=1)
    if local_date(starts_at) > survey.ends_on:
        raise Conflict("Cuộc khảo sát kết thúc trước đầu giờ tới nên không còn chuyển được.")
    move = SurveyMove(
        survey_id=survey.id,
        number=version.number,
        former_number=survey.version.number,
        starts_at=starts_at,
        account_id=account.id if account else None,
        reason=reason,
    )
    session.add(move)
    session.flush()
    return move


def call_off_move(
    session: Session,
    survey: Survey,
    *,
    reason: str,
    now: datetime,
    account: Account | None = None,
) -> SurveyEvent:
    """Take back the decision to move while it waits; the event that says so stays.

    Of this and the worker's move at the same moment exactly one happens: both take the survey's
    row first. Raises Conflict when nothing waits (any more), Invalid without a reason.
    """
    take_alone(session, survey)
    move = waiting_move(session, survey)
    if move is None:
        raise Conflict("Không còn lần chuyển phiên bản nào đang chờ: đã chuyển hoặc đã hủy.")
    reason = clean_line(reason)
    if problems := mistakes_in_reason(reason):
        raise Invalid("Chưa hủy được việc chuyển phiên bản.", problems)
    session.delete(move)
    words = (str(move.number), str(move.former_number))
    return keep_event(session, survey, CALLED_OFF, *words, now=now, account=account, reason=reason)


def make_due_moves(session: Session, *, now: datetime) -> Sequence[tuple[Survey, SurveyMove]]:
    """Let the surveys go on whose hour has come; those that did. A closed one does when it is
    opened again, one that is over does not: all its sheets are of the version before. A move that
    was held up starts now, whatever was planned: reports say since when a version is in use."""
    today = local_date(now)
    due = [found for found in due_moves(session, until=now) if today <= found[0].ends_on]
    for survey, move in due:
        survey.version = version_numbered(session, survey, move.number)
        move.starts_at = hour_of(now)
    session.flush()
    return due


def make_moves_on_time(session: Session, *, now: datetime) -> Sequence[tuple[Survey, SurveyMove]]:
    """The same in the first minutes of an hour, later nothing: what a stopped worker or a closed
    survey held up waits for the next full hour. Made at 10:20 it would tell of a sheet of ten
    o'clock by the former version that it was opened before."""
    return make_due_moves(session, now=now) if now - hour_of(now) < LATE_AFTER else []
