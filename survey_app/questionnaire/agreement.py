"""Agreement of two keyings of one form: question by question, one byte each."""

from collections.abc import Iterator, Mapping
from enum import IntEnum

from survey_app.questionnaire.answers import Answer
from survey_app.questionnaire.codebook import Codebook


class Outcome(IntEnum):
    """What came of comparing one question. The numbers are stored and never change."""

    BLANK = 0  # nothing keyed either time
    AGREED = 1
    UNDECIDED = 2  # they differ, and nobody has looked at the paper yet
    FIRST_RIGHT = 3
    SECOND_RIGHT = 4
    NEITHER = 5  # the paper says something else


#: The first keying was wrong.
ERRORS = frozenset({Outcome.SECOND_RIGHT, Outcome.NEITHER})
#: The two keyings differ, whoever was right.
DISAGREEMENTS = frozenset({Outcome.UNDECIDED, Outcome.FIRST_RIGHT, *ERRORS})


def compare_keyings(
    codebook: Codebook, first: Mapping[str, Answer], second: Mapping[str, Answer]
) -> bytes:
    """An Outcome for each coded question, in the order of the codebook; texts are not compared."""
    return bytes(_compare(first.get(code), second.get(code)) for code in codebook.by_question)


def decide(
    codebook: Codebook,
    outcomes: bytes,
    first: Mapping[str, Answer],
    second: Mapping[str, Answer],
    paper: Mapping[str, Answer],
) -> bytes:
    """The outcomes once somebody has looked at the paper; ``paper``: what stands on it."""
    found = (
        _decide(Outcome(outcome), first.get(code), second.get(code), paper.get(code))
        for outcome, code in zip(outcomes, codebook.by_question, strict=True)
    )
    return bytes(found)


def questions_with(
    codebook: Codebook, outcomes: bytes, wanted: frozenset[Outcome]
) -> Iterator[str]:
    """The codes of the questions with one of these outcomes, in order."""
    for code, outcome in zip(codebook.by_question, outcomes, strict=True):
        if Outcome(outcome) in wanted:
            yield code


def _compare(first: Answer | None, second: Answer | None) -> Outcome:
    if first is None and second is None:
        return Outcome.BLANK
    return Outcome.AGREED if first == second else Outcome.UNDECIDED


def _decide(
    outcome: Outcome, first: Answer | None, second: Answer | None, paper: Answer | None
) -> Outcome:
    if outcome is not Outcome.UNDECIDED:
        return outcome
    if paper == first:
        return Outcome.FIRST_RIGHT
    return Outcome.SECOND_RIGHT if paper == second else Outcome.NEITHER
