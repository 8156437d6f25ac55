"""Skip rules: who is asked what, forwards and backwards."""

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
from survey_app.questionnaire.routing import Answer, asked, next_question, previous_question
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


def test_walking_one_question_at_a_time() -> None:
    answers: dict[str, Answer] = {"a": "yes", "b": "yes"}
    walked = []
    question = next_question(QUESTIONNAIRE, answers)
    while question:
        walked.append(question.code)
        question = next_question(QUESTIONNAIRE, answers, question.code)
    assert walked == ["a", "b", "e"]
    before = previous_question(QUESTIONNAIRE, answers, "e")
    assert before is not None
    assert before.code == "b"
    assert previous_question(QUESTIONNAIRE, answers, "a") is None


def test_walking_from_a_question_that_is_no_longer_asked() -> None:
    after, before = (walk(QUESTIONNAIRE, {}, "c") for walk in (next_question, previous_question))
    assert after is not None
    assert before is not None
    assert (before.code, after.code) == ("a", "e")


def test_unknown_places_are_errors() -> None:
    with pytest.raises(KeyError):
        next_question(QUESTIONNAIRE, {}, "nowhere")
    with pytest.raises(KeyError):
        previous_question(QUESTIONNAIRE, {}, "nowhere")


@patiently
@given(answered())
def test_both_directions_visit_exactly_the_questions_asked(
    case: tuple[Questionnaire, dict[str, Answer]],
) -> None:
    questionnaire, answers = case
    expected = [question.code for question in asked(questionnaire, answers)]
    assert set(answers) <= set(expected)
    forwards = []
    question = next_question(questionnaire, answers)
    while question:
        forwards.append(question.code)
        question = next_question(questionnaire, answers, question.code)
    assert forwards == expected
    backwards = expected[-1:]
    while backwards and (found := previous_question(questionnaire, answers, backwards[-1])):
        backwards.append(found.code)
    assert backwards[::-1] == expected
