"""The codebook: the layout of a row, and rows that give back the answers."""

import json

import pytest
from hypothesis import given

from survey_app.questionnaire.answers import decode, encode
from survey_app.questionnaire.codebook import build_codebook
from survey_app.questionnaire.definition import QuestionKind, Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.questionnaire.routing import Answer
from tests.unit.questionnaire.strategies import answered, patiently
from tests.unit.questionnaire.test_parsing import GOOD

OFFERED = GOOD.replace(
    "kind: multiple\n", "kind: multiple\n        not_applicable: true\n"
).replace("kind: number\n", "kind: number\n        not_applicable: true\n")
CODEBOOK = build_codebook(parse_questionnaire(OFFERED))


def test_layout() -> None:
    assert [(c.code, c.position, c.width) for c in CODEBOOK.columns] == [
        ("service.overall", 0, 1),
        ("visit.trips", 1, 1),
        ("visit.reason:a", 2, 1),
        ("visit.reason:b", 3, 1),
        ("visit.minutes", 4, 2),
    ]
    assert CODEBOOK.width == 6
    assert CODEBOOK.position("visit.minutes") == 4
    with pytest.raises(KeyError):
        CODEBOOK.position("comment")


@pytest.mark.parametrize(
    ("answers", "row"),
    [
        ({}, "000000000000"),
        ({"comment": "Tốt"}, "000000000000"),
        ({"service.overall": "2"}, "020000000000"),
        ({"visit.trips": "1.0"}, "000300000000"),
        ({"visit.reason": ("b",)}, "000002010000"),
        ({"visit.reason": "na"}, "0000ffff0000"),
        ({"visit.minutes": "0"}, "000000000001"),
        ({"visit.minutes": "600"}, "000000000259"),
        ({"visit.minutes": "na"}, "00000000ffff"),
    ],
)
def test_bytes(answers: dict[str, Answer], row: str) -> None:
    assert encode(CODEBOOK, answers).hex() == row
    coded = {code: answer for code, answer in answers.items() if code != "comment"}
    assert decode(CODEBOOK, bytes.fromhex(row)) == coded


@pytest.mark.parametrize("row", ["", "00" * 5, "00" * 7, "030000000000", "000003010000"])
def test_foreign_rows_are_errors(row: str) -> None:
    with pytest.raises(ValueError, match=r"row|answer|stored"):
        decode(CODEBOOK, bytes.fromhex(row))


@pytest.mark.parametrize(
    "answers", [{"service.overall": "9"}, {"visit.reason": ("a", "z")}, {"visit.reason": "a"}]
)
def test_foreign_answers_are_errors(answers: dict[str, Answer]) -> None:
    with pytest.raises(KeyError):
        encode(CODEBOOK, answers)


def test_document_speaks_codes_and_labels() -> None:
    document = CODEBOOK.to_document()
    assert json.loads(json.dumps(document)) == document
    first = document["columns"][0]
    assert first["values"][1] == {"value": 2, "code": "2", "label": {"vi": "Có"}}
    option = document["columns"][2]
    assert (option["question"], option["option"], option["label"]) == (
        "visit.reason",
        "a",
        {"vi": "A"},
    )
    number = document["columns"][4]
    assert number["values"][0]["value"] == 0xFFFF


@patiently
@given(answered())
def test_decode_is_the_inverse_of_encode(case: tuple[Questionnaire, dict[str, Answer]]) -> None:
    questionnaire, answers = case
    codebook = build_codebook(questionnaire)
    row = encode(codebook, answers)
    assert len(row) == codebook.width
    coded = {
        code: answer
        for code, answer in answers.items()
        if questionnaire[code].kind is not QuestionKind.TEXT
    }
    assert decode(codebook, row) == coded
