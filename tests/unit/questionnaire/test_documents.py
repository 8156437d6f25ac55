"""The shipped questionnaires, the canonical document and the fingerprint."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from survey_app.questionnaire.advice import minutes
from survey_app.questionnaire.definition import (
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
    Scale,
    Section,
)
from survey_app.questionnaire.document import dump_questionnaire, to_document
from survey_app.questionnaire.duration import estimate_seconds
from survey_app.questionnaire.fingerprint import fingerprint
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.questionnaire.structure import _PATTERNS, _SENTENCES, schema
from tests.unit.questionnaire.strategies import patiently, questionnaires

FOLDER = Path(__file__).parents[3] / "questionnaires"
NAMES = ["sipas-counter", "one-stop-rating"]


def source(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def texts(questionnaire: Questionnaire) -> list[LocalText]:
    found = [questionnaire.title, questionnaire.introduction, questionnaire.thanks]
    for section in questionnaire.sections:
        found += [section.title, section.introduction]
    for question in questionnaire.questions:
        scale = question.scale.not_applicable if question.scale else None
        found += [question.text, question.hint, scale, *(o.label for o in question.choices)]
    return [text for text in found if text]


@pytest.mark.parametrize("name", NAMES)
def test_shipped_questionnaires_are_complete_in_every_language(name: str) -> None:
    text = source(name)
    questionnaire = parse_questionnaire(text)
    assert questionnaire.code == name
    assert questionnaire.languages == ("vi", "en", "zh")
    assert unicodedata.is_normalized("NFC", text)
    for said in texts(questionnaire):
        assert all(said.speaks(language) for language in questionnaire.languages), said
    first_line = text.splitlines()[0]
    assert (FOLDER / first_line.partition("$schema=")[2]).resolve().is_file()


def test_counter_survey_has_five_factors_and_22_voluntary_criteria() -> None:
    questionnaire = parse_questionnaire(source("sipas-counter"))
    sizes = [len(factor.criteria) for factor in questionnaire.factors]
    assert sizes == [4, 5, 6, 4, 3]
    assert all(question.not_applicable for _, question in questionnaire.criteria)
    assert not any(question.required for question in questionnaire.questions)
    assert len(questionnaire.with_role(Role.HARASSMENT)) == 2
    assert len(questionnaire.with_role(Role.OVERALL)) == 1
    assert questionnaire.scoring.roll_up is RollUp.POOLED
    scale = questionnaire["access.signage"].scale
    assert scale is not None
    assert scale.satisfied == {"4", "5"}
    for question in questionnaire.with_role(Role.DEMOGRAPHIC):
        assert question.choices[-1].code == "prefer-not"


def test_counter_survey_says_how_long_it_takes() -> None:
    questionnaire = parse_questionnaire(source("sipas-counter"))
    assert minutes(estimate_seconds(to_document(questionnaire))) == "khoảng 5 phút"
    assert "khoảng năm phút" in str(questionnaire.introduction)


def test_counter_rating_requires_the_rating_only() -> None:
    questionnaire = parse_questionnaire(source("one-stop-rating"))
    required = [question.code for question in questionnaire.questions if question.required]
    assert required == ["service.overall"]
    assert questionnaire.main_rating is questionnaire["service.overall"]


def test_example_of_the_guide_can_be_read() -> None:
    guide = (FOLDER / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert parse_questionnaire(example).code == "reception"


@patiently
@given(questionnaires())
def test_dump_and_parse_are_inverse(questionnaire: Questionnaire) -> None:
    text = dump_questionnaire(questionnaire)
    parsed = parse_questionnaire(text)
    assert parsed == questionnaire
    assert dump_questionnaire(parsed) == text
    assert fingerprint(parsed) == fingerprint(questionnaire)


@patiently
@given(questionnaires())
def test_documents_are_plain_data_that_the_published_schema_accepts(
    questionnaire: Questionnaire,
) -> None:
    document = to_document(questionnaire)
    assert json.loads(json.dumps(document)) == document
    Draft202012Validator(schema()).validate(document)


def test_fingerprint_sees_content_and_not_layout() -> None:
    text = source("one-stop-rating")
    known = fingerprint(parse_questionnaire(text))
    assert re.fullmatch("[0-9a-f]{64}", known)
    swapped = text.replace(
        "{ vi: Không áp dụng/Không có ý kiến, en: Not applicable / no opinion,"
        " zh: 不适用／没有意见 }",
        "\n      zh: 不适用／没有意见"
        "\n      en: 'Not applicable / no opinion'  # the same, written in another way"
        "\n      vi: Không áp dụng/Không có ý kiến",
    )
    assert swapped != text
    assert fingerprint(parse_questionnaire("# note\n" + swapped)) == known
    other = text.replace("Thái độ của công chức", "Thái độ công chức")
    assert fingerprint(parse_questionnaire(other)) != known


def test_two_scales_of_one_code_have_no_document() -> None:
    def question(code: str, label: str) -> Question:
        levels = (Option("1", LocalText({"vi": label})), Option("2", LocalText({"vi": "Có"})))
        scale = Scale("same", levels, frozenset({"2"}), LocalText({"vi": "Không rõ"}))
        text = LocalText({"vi": "Hỏi"})
        return Question(code, QuestionKind.SCALE, Role.OVERALL, text, scale=scale)

    base = parse_questionnaire(source("one-stop-rating"))
    section = Section("s", base.title, (question("a", "Không"), question("b", "Chưa")))
    broken = Questionnaire("x", base.title, ("vi",), (section,), base.scoring)
    with pytest.raises(ValueError, match="same"):
        to_document(broken)


def test_schema_is_valid_and_every_keyword_in_it_has_a_sentence() -> None:
    Draft202012Validator.check_schema(schema())
    text = json.dumps(schema())
    silent = {"$ref", "properties", "patternProperties", "items"}
    silent |= {"format"}  # here the name of a key, not the keyword
    handled = {"required", "additionalProperties", *_SENTENCES}
    used = set(re.findall(r'"([a-zA-Z$]+)":', text)) & set(Draft202012Validator.VALIDATORS)
    assert used - silent <= handled
    patterns = set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', text))
    assert {json.loads(f'"{pattern}"') for pattern in patterns} <= set(_PATTERNS)
