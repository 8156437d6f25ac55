"""Keying: the short keys that paper shows beside each answer and clerks type, one set for both."""

from collections.abc import Mapping

from survey_app.questionnaire.definition import NOT_APPLICABLE, Question, QuestionKind

#: The key for "does not apply", where no answer has it for its own.
NOT_APPLICABLE_KEY = "0"


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
