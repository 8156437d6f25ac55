"""Skip rules: which questions are asked, given the answers so far."""

from collections.abc import Mapping

from survey_app.questionnaire.definition import Condition, Question, Questionnaire

#: One answer: an option code, "na", a number or a text as str; the chosen codes of a multiple
#: choice as a tuple.
Answer = str | tuple[str, ...]


def asked(questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """The questions that are asked, in order.

    A question is asked when all its conditions hold. A condition looks only at questions that are
    themselves asked and answered: about any other, ``is`` and ``is_not`` are both false, as on
    paper, where an unanswered question sends nobody on. An answer left behind on a question that
    is no longer asked counts for nothing.
    """
    found: list[Question] = []
    counted: dict[str, Answer] = {}
    for question in questionnaire.questions:
        if is_asked(question, counted):
            found.append(question)
            if answer := answers.get(question.code):
                counted[question.code] = answer
    return tuple(found)


def is_asked(question: Question, counted: Mapping[str, Answer]) -> bool:
    """Whether all conditions hold; ``counted`` are the answers to earlier questions asked."""
    return all(_holds(condition, counted) for condition in question.ask_when)


def next_question(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], after: str | None = None
) -> Question | None:
    """The question asked after the one with code ``after`` (None: the first), None at the end.

    Raises KeyError when there is no question ``after``, whether asked or not.
    """
    places = _places(questionnaire)
    start = -1 if after is None else places[after]
    later = (q for q in asked(questionnaire, answers) if places[q.code] > start)
    return next(later, None)


def previous_question(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], before: str
) -> Question | None:
    """The question asked before the one with code ``before``, None at the beginning.

    Raises KeyError when there is no question ``before``, whether asked or not.
    """
    places = _places(questionnaire)
    end = places[before]
    earlier = [q for q in asked(questionnaire, answers) if places[q.code] < end]
    return earlier[-1] if earlier else None


def _places(questionnaire: Questionnaire) -> dict[str, int]:
    return {question.code: place for place, question in enumerate(questionnaire.questions)}


def _holds(condition: Condition, counted: Mapping[str, Answer]) -> bool:
    answer = counted.get(condition.question)
    if not answer:
        return False
    chosen = {answer} if isinstance(answer, str) else set(answer)
    return bool(chosen & condition.options) is not condition.negated
