"""Moderation: citizens' own words, read by the officers in charge and kept off reports on need."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.storage.models import AdministrativeUnit, Survey
from survey_app.storage.queries.questionnaires import versions_between
from survey_app.storage.queries.responses import comments, free_text
from survey_app.storage.queries.surveys import sheets_by_unit

#: Nine digits or more in a row, or a mail address: somebody's telephone, papers, mail.
IDENTIFYING = re.compile(r"\d(?:[ .-]?\d){8,}|[^\s@]+@[^\s@]+\.[^\s@]+")


def may_identify(text: str) -> bool:
    """Whether a text seems to hold a telephone or document number, or a mail address."""
    return IDENTIFYING.search(text) is not None


@dataclass(frozen=True)
class Comment:
    """A free text. ``key`` names it in a form; it tells nothing of the person or the hour."""

    key: str
    question_code: str
    question: str
    text: str
    is_hidden: bool
    may_identify: bool


def unit_comments(session: Session, survey: Survey, unit_id: int) -> tuple[Comment, ...] | None:
    """Every comment about a unit, hidden ones last; None when the unit has too few sheets.

    With few sheets a comment may tell who wrote it, just as figures would.
    """
    if not is_reportable(sheets_by_unit(session, survey.id).get(unit_id, 0)):
        return None
    asked = _questions(session, survey)
    rows = [
        *comments(session, survey.id, unit_id),
        *comments(session, survey.id, unit_id, hidden=True),
    ]
    return tuple(
        Comment(
            key=row.response_key.hex(),
            question_code=row.question_code,
            question=asked[row.question_code],
            text=row.text,
            is_hidden=row.is_hidden,
            may_identify=may_identify(row.text),
        )
        for row in rows
    )


def _questions(session: Session, survey: Survey) -> Mapping[str, str]:
    """Code → text of what any version up to the survey's asked, in the words of the latest: it may
    have had one before."""
    asked: dict[str, str] = {}
    last = survey.version
    for version in versions_between(session, last.code, 1, last.number):
        asked |= {q.code: str(q.text) for q in load_questionnaire(version).questions}
    return asked


def set_comment_hidden(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    *,
    key: str,
    question_code: str,
    is_hidden: bool,
    account: Account,
    now: datetime,
) -> None:
    """Keep a comment off reports, or let it back. Raises NotFound.

    The audit record names survey, unit and question, neither the words nor the sheet: it holds
    the minute at which somebody decided, and no time finer than the hour stands by an answer.
    """
    row = free_text(session, survey.id, unit.id, _key(key), question_code)
    if row is None:
        raise NotFound("Không có ý kiến này.")
    row.is_hidden = is_hidden
    action = "comment.hide" if is_hidden else "comment.show"
    subject = f"{survey.code} {unit.code} {question_code}"
    record(session, action, now=now, account=account, subject=subject)


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("Không có ý kiến này.") from None
