"""Keying forms one by one: what a clerk types is read by the keys of the form, checked, stored.

The rule is that of every keyed form (paper_import, docs/decisions/0013-numbered-paper.md): the same
number with the same answers is the same sheet, with other answers a conflict; the first stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.paper_columns import form_number
from survey_app.operations.paper_forms import (
    keyed_sheet,
    listed_keys,
    open_link_of,
    require_keying,
)
from survey_app.operations.publishing import load_questionnaire
from survey_app.operations.submission import submit_at
from survey_app.questionnaire.answers import Answer, validate_answers
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.keying import answer_keys, read_keys
from survey_app.storage.models import CollectionPoint, Survey

#: Where a mistake is that is not of a question: the field of the number.
NUMBER_FIELD = "_number"
#: What is said of an answer that the form's own rules do not ask for.
UNASKED = "Theo chỉ dẫn trên phiếu, câu này không được hỏi. Hãy xem lại câu này và câu dẫn đến nó."
_MOST_REPEATED = 20  # characters of what was typed that a sentence repeats


@dataclass(frozen=True)
class TypedForm:
    """A form as it was typed: its number, and by question the keys or the text.

    ``leaves_unasked``: answers to questions that the skip rules do not ask are known of, and
    left out.
    """

    number: str
    answers: Mapping[str, str]
    leaves_unasked: bool = False


@dataclass(frozen=True)
class Keyed:
    """A form that is stored: its number as it is compared, and whether it was not there before."""

    number: str
    is_new: bool


def key_form(
    session: Session, survey: Survey, point: CollectionPoint, typed: TypedForm, *, now: datetime
) -> Keyed:
    """Store a typed form, or recognise it as stored.

    Raises Closed when the survey takes no forms; Invalid with every mistake by question, by
    NUMBER_FIELD for the number, a number that has other answers among them.
    """
    require_keying(survey, now)
    number, answers = read_typed(load_questionnaire(survey.version), typed)
    sheet = keyed_sheet(survey, point, number, answers)
    try:
        receipt = submit_at(session, open_link_of(point), sheet, now=now)
    except Conflict as conflict:
        raise number_is_taken(number) from conflict
    return Keyed(number, receipt.is_new)


def number_is_taken(number: str) -> Invalid:
    """What is said of a number that stands for other answers."""
    message = (
        f"Phiếu số {number} của điểm này đã được nhập với câu trả lời khác; phiếu đã nhập được "
        "giữ nguyên. Hãy xem lại số phiếu."
    )
    return Invalid("Chưa lưu phiếu này.", [Problem(message, NUMBER_FIELD)])


def read_typed(questionnaire: Questionnaire, typed: TypedForm) -> tuple[str, Mapping[str, Answer]]:
    """The number and the valid answers of a typed form; raises Invalid with every mistake."""
    number = form_number(typed.number)
    problems = [] if number else [Problem(_no_number(typed.number), NUMBER_FIELD)]
    given, unread = _read_answers(questionnaire, typed.answers)
    problems += unread.values()
    kept: Mapping[str, Answer] = {}
    try:
        kept = validate_answers(questionnaire, given)
    except Invalid as refusal:
        problems += [p for p in refusal.problems if p.where or not unread]
    else:
        if not typed.leaves_unasked:
            problems += _unasked(questionnaire, given, kept)
    problems = [p for p in problems if p.where not in unread or p is unread[p.where]]
    if problems or number is None:
        raise Invalid("Chưa lưu phiếu này.", problems)
    return number, kept


def _read_answers(
    questionnaire: Questionnaire, typed: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, Problem]]:
    """The answers by question, and what cannot be understood."""
    given: dict[str, object] = {}
    unread: dict[str, Problem] = {}
    for question in questionnaire.questions:
        text = typed.get(question.code, "")
        answer = read_keys(question, text)
        if answer is None:
            wanted = listed_keys(answer_keys(question).values())
            message = f"Không hiểu “{text.strip()[:_MOST_REPEATED]}”; hãy gõ {wanted}."
            unread[question.code] = Problem(message, question.code)
        elif answer:
            given[question.code] = answer
    return given, unread


def _unasked(
    questionnaire: Questionnaire, given: Mapping[str, object], kept: Mapping[str, Answer]
) -> list[Problem]:
    left = [q for q in questionnaire.questions if q.code in given and q.code not in kept]
    return [
        Problem(UNASKED, q.code)
        for q in left
        if not isinstance(given[q.code], str) or str(given[q.code]).strip()
    ]


def _no_number(typed: str) -> str:
    if not typed.strip():
        return "Chưa ghi số phiếu."
    shown = typed.strip()[:_MOST_REPEATED]
    return f"“{shown}” không phải là số phiếu; hãy gõ như in trên phiếu: 0012."
