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


def _holds(condition: Condition, counted: Mapping[str, Answer]) -> bool:
    answer = counted.get(condition.question)
    if not answer:
        return False
    chosen = {answer} if isinstance(answer, str) else set(answer)
    return bool(chosen & condition.options) is not condition.negated
