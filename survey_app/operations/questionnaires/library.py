"""The library: every question of the published questionnaires, to be found and taken over."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.questionnaires.publishing import load_questionnaire, version_by_id
from survey_app.questionnaire.advice import PublishedQuestion
from survey_app.questionnaire.definition import Question, Section
from survey_app.questionnaire.editing.borrowing import borrow_question
from survey_app.questionnaire.editing.document import Document, from_questionnaire
from survey_app.storage.models import QuestionnaireVersion
from survey_app.storage.queries.questionnaires import list_versions
from survey_app.text import fold

#: So many questions are shown at once; a closer search finds the rest.
MOST_FOUND = 60


@dataclass(frozen=True)
class LibraryQuestion:
    """A question of the latest version of a questionnaire."""

    version: QuestionnaireVersion
    section: Section
    question: Question


def search_library(session: Session, wanted: str = "") -> tuple[Sequence[LibraryQuestion], int]:
    """Questions that have every word that is wanted, marks and case aside, and how many there are
    in all; at most ``MOST_FOUND`` of them."""
    words = fold(wanted).split()
    found = [
        LibraryQuestion(version, section, question)
        for version in latest_versions(session)
        for section in load_questionnaire(version).sections
        for question in section.questions
        if all(word in _searched(section, question) for word in words)
    ]
    return found[:MOST_FOUND], len(found)


def take_over(
    session: Session,
    document: Document,
    section_code: str,
    *,
    version_id: int,
    code: str,
    after: str | None = None,
) -> tuple[Document, str]:
    """A published question in a section of the draft, and its code there; raises NotFound."""
    questionnaire = load_questionnaire(version_by_id(session, version_id))
    if code not in questionnaire:
        raise NotFound("Phiên bản đã công bố không có câu hỏi này.")
    lender = from_questionnaire(questionnaire)
    return borrow_question(document, section_code, lender, code, after=after)


def published_questions(session: Session) -> Sequence[PublishedQuestion]:
    """Every question of the latest version of each questionnaire."""
    return [
        PublishedQuestion(question.code, version.name, str(question.text))
        for version in latest_versions(session)
        for question in load_questionnaire(version).questions
    ]


def latest_versions(session: Session) -> Sequence[QuestionnaireVersion]:
    """The newest version of every questionnaire."""
    newest: dict[str, QuestionnaireVersion] = {}
    for version in list_versions(session):
        newest.setdefault(version.code, version)
    return list(newest.values())


def _searched(section: Section, question: Question) -> str:
    labels = " ".join(str(option.label) for option in question.options)
    return fold(f"{section.title} {question.text} {labels} {question.code}")
