"""A form as a clerk types it: keys and words in, valid answers or every mistake out."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.errors import Invalid, Problem
from survey_app.operations.paper.columns import form_number
from survey_app.operations.paper.forms import listed_keys
from survey_app.questionnaire.answers import Answer, validate_answers
from survey_app.questionnaire.definition import QuestionKind, Questionnaire
from survey_app.questionnaire.keying import answer_keys, read_keys

#: Where a mistake is that is not of a question: the field of the number.
NUMBER_FIELD = "_number"
#: What is said of an answer that the form's own rules do not ask for.
UNASKED = "Theo chỉ dẫn trên phiếu, câu này không được hỏi. Hãy xem lại câu này và câu dẫn đến nó."
_MOST_REPEATED = 20  # characters of what was typed that a sentence repeats
_SOME_WORDS = "…"  # stands for answers in words that are not typed


@dataclass(frozen=True)
class TypedForm:
    """A form as it was typed: its number, and by question the keys or the text.

    ``leaves_unasked``: answers to questions that the skip rules do not ask are known of, and
    left out.
    """

    number: str
    answers: Mapping[str, str]
    leaves_unasked: bool = False


def read_typed(
    questionnaire: Questionnaire, typed: TypedForm, *, has_texts: bool = True
) -> tuple[str, Mapping[str, Answer]]:
    """The number and the valid answers of a typed form; raises Invalid with every mistake.

    Without ``has_texts`` the answers in words are no part of it, and none is missed.
    """
    number = form_number(typed.number)
    problems = [] if number else [Problem(_no_number(typed.number), NUMBER_FIELD)]
    texts = [] if has_texts else [q for q in questionnaire.questions if q.kind is QuestionKind.TEXT]
    given, unread = _read_answers(questionnaire, typed.answers)
    given |= {question.code: _SOME_WORDS for question in texts}
    problems += unread.values()
    kept: Mapping[str, Answer] = {}
    try:
        kept = validate_answers(questionnaire, given)
    except Invalid as refusal:
        problems += [p for p in refusal.problems if p.where or not unread]
    else:
        if not typed.leaves_unasked:
            problems += _unasked(questionnaire, given, {**kept, **{q.code: "" for q in texts}})
    problems = [p for p in problems if p.where not in unread or p is unread[p.where]]
    if problems or number is None:
        raise Invalid("Chưa lưu phiếu này.", problems)
    left_out = {question.code for question in texts}
    return number, {code: answer for code, answer in kept.items() if code not in left_out}


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
