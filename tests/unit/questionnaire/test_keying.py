"""The keys beside the answers: places where they can be, codes where places would mislead."""

from dataclasses import replace

import pytest

from survey_app.questionnaire.definition import LocalText, Option, Question, QuestionKind, Role
from survey_app.questionnaire.keying import answer_keys

TEXT = LocalText({"vi": "…"})


def ask(*codes: str, kind: QuestionKind = QuestionKind.SINGLE) -> Question:
    options = tuple(Option(code, TEXT) for code in codes)
    return Question("q", kind, Role.CONTEXT, TEXT, options=options)


@pytest.mark.parametrize(
    ("codes", "keys"),
    [
        (("male", "female"), ("1", "2")),
        (("1", "2", "3", "4-or-more"), ("1", "2", "3", "4")),
        (("0", "1", "2"), ("0", "1", "2")),
        (("5", "4", "none"), ("5", "4", "none")),
    ],
)
def test_no_number_ever_means_two_answers(codes: tuple[str, ...], keys: tuple[str, ...]) -> None:
    assert tuple(answer_keys(ask(*codes)).values()) == keys


def test_zero_means_does_not_apply_unless_it_means_something_else() -> None:
    plain = replace(ask("a", "b"), not_applicable=True)
    assert answer_keys(plain) == {"a": "1", "b": "2", "na": "0"}
    taken = replace(ask("0", "1"), not_applicable=True)
    assert answer_keys(taken) == {"0": "0", "1": "1", "na": "na"}
    number = replace(ask(kind=QuestionKind.NUMBER), not_applicable=True)
    assert answer_keys(number) == {"na": "na"}
    assert answer_keys(ask(kind=QuestionKind.TEXT)) == {}
