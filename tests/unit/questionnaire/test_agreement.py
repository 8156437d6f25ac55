"""Two keyings of one form: what agrees, what is in doubt, and what the paper makes of it."""

import pytest

from survey_app.questionnaire.agreement import (
    DISAGREEMENTS,
    ERRORS,
    Outcome,
    compare_keyings,
    decide,
    questions_with,
)
from survey_app.questionnaire.codebook import Codebook, build_codebook
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.factories import QUESTIONNAIRES


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    text = (QUESTIONNAIRES / "sipas-counter.yaml").read_text("utf-8")
    return build_codebook(parse_questionnaire(text))


FIRST = {
    "access.signage": "5",
    "access.waiting_area": "4",
    "access.equipment": "3",
    "needs.improvements": ("faster", "online"),
    "comment": "Tốt",
}
SECOND = {
    "access.signage": "5",
    "access.waiting_area": "2",
    "access.submission_ways": "na",
    "needs.improvements": ("faster",),
}


def test_every_coded_question_has_its_outcome_and_words_have_none(codebook: Codebook) -> None:
    found = compare_keyings(codebook, FIRST, SECOND)
    assert len(found) == len(codebook.by_question)
    assert found[0] == Outcome.AGREED
    assert list(questions_with(codebook, found, frozenset({Outcome.UNDECIDED}))) == [
        "access.waiting_area",
        "access.equipment",
        "access.submission_ways",
        "needs.improvements",
    ]
    assert found.count(Outcome.BLANK) == len(found) - 5


def test_the_paper_says_who_was_right(codebook: Codebook) -> None:
    found = compare_keyings(codebook, FIRST, SECOND)
    paper = {
        "access.signage": "1",  # agreed on twice: not looked at again
        "access.waiting_area": "4",
        "access.submission_ways": "na",
        "needs.improvements": ("online",),
    }
    decided = decide(codebook, found, FIRST, SECOND, paper)
    wanted = {
        Outcome.AGREED: ["access.signage"],
        Outcome.FIRST_RIGHT: ["access.waiting_area"],
        Outcome.SECOND_RIGHT: ["access.equipment", "access.submission_ways"],
        Outcome.NEITHER: ["needs.improvements"],
        Outcome.UNDECIDED: [],
    }
    for outcome, codes in wanted.items():
        assert list(questions_with(codebook, decided, frozenset({outcome}))) == codes
    assert len(list(questions_with(codebook, decided, ERRORS))) == 3
    assert len(list(questions_with(codebook, decided, DISAGREEMENTS))) == 4


def test_the_stored_numbers_never_change() -> None:
    assert [(outcome.name, outcome.value) for outcome in Outcome] == [
        ("BLANK", 0),
        ("AGREED", 1),
        ("UNDECIDED", 2),
        ("FIRST_RIGHT", 3),
        ("SECOND_RIGHT", 4),
        ("NEITHER", 5),
    ]
