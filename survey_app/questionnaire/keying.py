"""Keying: the short keys that paper shows beside each answer and clerks type, one set for both."""

import re
from collections.abc import Mapping

from survey_app.questionnaire.definition import NOT_APPLICABLE, Question, QuestionKind

#: The key for "does not apply", where no answer has it for its own.
NOT_APPLICABLE_KEY = "0"
_BETWEEN_KEYS = re.compile(r"[\s,;.+/]+")


def answer_keys(question: Question) -> Mapping[str, str]:
    """Answer code → key, in the order of the answers, "na" last where the question offers it.

    Keys are the places 1, 2, 3 …, unless a code is a number that stands at another place: then
    the codes are the keys, so that no number ever means two answers.

    >>> from survey_app.questionnaire.definition import LocalText, Option, Question, Role
    >>> text = LocalText({"vi": "…"})
    >>> def ask(*codes):
    ...     options = tuple(Option(code, text) for code in codes)
    ...     return Question("q", QuestionKind.SINGLE, Role.CONTEXT, text, options=options)
    >>> answer_keys(ask("1", "2", "4-or-more"))
    {'1': '1', '2': '2', '4-or-more': '3'}
    >>> answer_keys(ask("0", "1", "many"))
    {'0': '0', '1': '1', 'many': 'many'}
    """
    codes = [option.code for option in question.choices]
    is_plain = all(
        code == str(place) or not code.isdecimal() for place, code in enumerate(codes, start=1)
    )
    keys = {code: str(place) if is_plain else code for place, code in enumerate(codes, start=1)}
    if question.not_applicable and question.kind is not QuestionKind.TEXT:
        is_free = question.kind is not QuestionKind.NUMBER and NOT_APPLICABLE_KEY not in codes
        keys[NOT_APPLICABLE] = NOT_APPLICABLE_KEY if is_free else NOT_APPLICABLE
    return keys


def read_keys(question: Question, typed: str) -> str | list[str] | None:
    """What was typed for one question as an answer that can be validated: a code, the codes of a
    multiple choice, a number or a text; "" or [] for none. None when a key is not one of its own.

    The keys of a multiple choice may stand together ("135") where all of them are single signs.

    >>> from survey_app.questionnaire.definition import LocalText, Option, Question, Role
    >>> text = LocalText({"vi": "…"})
    >>> options = tuple(Option(code, text) for code in ("faster", "simpler", "online"))
    >>> question = Question("q", QuestionKind.MULTIPLE, Role.NEED, text, options=options)
    >>> read_keys(question, "13"), read_keys(question, "1, 3"), read_keys(question, "4")
    (['faster', 'online'], ['faster', 'online'], None)
    """
    if question.kind is QuestionKind.TEXT:
        return typed
    codes = {key.casefold(): code for code, key in answer_keys(question).items()}
    wanted = typed.strip().casefold()
    if question.kind is QuestionKind.NUMBER:
        return codes.get(wanted, wanted)
    if question.kind is not QuestionKind.MULTIPLE:
        return codes.get(wanted) if wanted else ""
    found = [codes.get(key) for key in _split_keys(wanted, codes)]
    known = [code for code in found if code is not None]
    return known if len(known) == len(found) else None


def _split_keys(typed: str, codes: Mapping[str, str]) -> list[str]:
    parts = [part for part in _BETWEEN_KEYS.split(typed) if part]
    if any(len(key) > 1 for key in codes if key != NOT_APPLICABLE):
        return parts
    return [key for part in parts for key in ([part] if part in codes else part)]
