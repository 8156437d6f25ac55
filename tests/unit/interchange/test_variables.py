"""The columns of a data file: names every program takes, numbers, why one is missing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from survey_app.interchange.variables import RESERVED, Missing, Names, variables_of
from survey_app.questionnaire.definition import QuestionKind, Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.factories import QUESTIONNAIRES
from tests.unit.questionnaire.strategies import patiently, questionnaires

NAME = re.compile("[a-z][a-z0-9_]{0,31}")  # Stata's letters and length; all of SPSS's 64 bytes


def shipped(name: str) -> Questionnaire:
    return parse_questionnaire((QUESTIONNAIRES / name).read_text(encoding="utf-8"))


@patiently
@given(questionnaires())
def test_names_are_good_for_every_program(questionnaire: Questionnaire) -> None:
    names = [variable.name for variable in variables_of(questionnaire)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not NAME.fullmatch(name)] == []
    assert set(names) & RESERVED == set()


@given(st.lists(st.text("abz_.:-19", min_size=1, max_size=70), max_size=40))
def test_names_of_long_and_like_codes_stay_apart(codes: list[str]) -> None:
    names = Names(["unit"])
    made = [names.make(code) for code in [*codes, "unit", "with", "str5", "a" * 64, "a" * 63]]
    assert len({*made, "unit"}) == len(made) + 1
    assert [name for name in made if not NAME.fullmatch(name)] == []


@patiently
@given(questionnaires())
def test_no_number_means_two_things(questionnaire: Questionnaire) -> None:
    for variable in variables_of(questionnaire):
        numbers = [value.number for value in variable.values]
        assert len(set(numbers)) == len(numbers)
        assert all((value.number < 0) is value.is_missing for value in variable.values)


def test_one_column_for_each_answer_and_none_for_words() -> None:
    questionnaire = shipped("one-stop-rating.yaml")
    variables = variables_of(questionnaire)
    codes = [variable.code for variable in variables if variable.code]
    asked = [q for q in questionnaire.questions if q.kind is not QuestionKind.TEXT]
    assert codes == [
        code
        for q in asked
        for code in (
            [f"{q.code}:{o.code}" for o in q.options]
            if q.kind is QuestionKind.MULTIPLE
            else [q.code]
        )
    ]
    assert "comment" not in codes


def test_codes_that_are_numbers_stay_and_others_are_counted() -> None:
    variables = {v.code: v for v in variables_of(shipped("one-stop-rating.yaml"))}
    scale = variables["service.attitude"]
    assert [(v.number, v.code) for v in scale.valid] == [(n, str(n)) for n in range(1, 6)]
    field = variables["visit.field"]
    assert [(v.number, v.code) for v in field.valid][:2] == [(1, "civil-status"), (2, "land")]


def test_why_a_value_may_be_missing() -> None:
    variables = {v.code: v for v in variables_of(shipped("one-stop-rating.yaml"))}

    def missing(code: str) -> set[int]:
        return {value.number for value in variables[code].missing}

    assert missing("service.overall") == {Missing.NO_ANSWER}
    assert missing("service.attitude") == {Missing.NO_ANSWER, Missing.NOT_APPLICABLE}
    assert missing("visit.field") == {Missing.NO_ANSWER, Missing.WITHHELD}
    assert missing("improvement.reasons:late") == {Missing.NO_ANSWER, Missing.NOT_ASKED}
