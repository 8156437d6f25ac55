"""Skip rules: who is asked what."""

import pytest
from hypothesis import given

from survey_app.questionnaire.definition import (
    Condition,
    ItemRule,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
    ScoringMethod,
    Section,
)
from survey_app.questionnaire.routing import Answer, asked
from tests.unit.questionnaire.strategies import answered, patiently

TEXT = LocalText({"vi": "Câu hỏi"})
OPTIONS = tuple(Option(code, TEXT) for code in ("yes", "no", "maybe"))


def choice(code: str, *rules: Condition, kind: QuestionKind = QuestionKind.SINGLE) -> Question:
    return Question(code, kind, Role.CONTEXT, TEXT, options=OPTIONS, ask_when=rules)


def when(question: str, *options: str, negated: bool = False) -> Condition:
    return Condition(question, frozenset(options), negated)


QUESTIONNAIRE = Questionnaire(
    "demo",
    TEXT,
    ("vi",),
    (
        Section("one", TEXT, (choice("a"), choice("b", when("a", "yes", "maybe")))),
        Section(
            "two",
            TEXT,
            (
                choice("c", when("b", "yes", negated=True), kind=QuestionKind.MULTIPLE),
                choice("d", when("c", "no"), when("a", "maybe", negated=True)),
                choice("e"),
            ),
        ),
    ),
    ScoringMethod("1", ItemRule.TOP2, RollUp.POOLED),
)


def codes(answers: dict[str, Answer]) -> str:
    return "".join(question.code for question in asked(QUESTIONNAIRE, answers))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "ae"),
        ({"a": "no"}, "ae"),
        ({"a": "yes"}, "abe"),
        ({"a": "yes", "b": "no"}, "abce"),
        ({"a": "yes", "b": "yes"}, "abe"),
        ({"a": "no", "b": "no"}, "ae"),  # b was not asked: what was left there counts for nothing
        ({"a": "yes", "b": "na"}, "abce"),
        ({"a": "yes", "b": "no", "c": ("yes",)}, "abce"),
        ({"a": "yes", "b": "no", "c": ("yes", "no")}, "abcde"),
        ({"a": "maybe", "b": "no", "c": ("no",)}, "abce"),
    ],
)
def test_conditions_look_at_answers_that_were_asked(
    answers: dict[str, Answer], expected: str
) -> None:
    assert codes(answers) == expected


@patiently
@given(answered())
def test_what_is_asked_next_hangs_on_earlier_answers_only(
    case: tuple[Questionnaire, dict[str, Answer]],
) -> None:
    questionnaire, answers = case
    expected = [question.code for question in asked(questionnaire, answers)]
    assert set(answers) <= set(expected)
    for place in range(len(expected)):
        so_far = {code: answers[code] for code in expected[:place] if code in answers}
        reached = [question.code for question in asked(questionnaire, so_far)]
        assert reached[: place + 1] == expected[: place + 1]
