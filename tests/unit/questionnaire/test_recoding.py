"""Rows of one version laid out as another version would: by answer codes, never by bytes."""

import numpy as np
import pytest

from survey_app.questionnaire.answers import Answer, decode, encode
from survey_app.questionnaire.codebook import Codebook, build_codebook
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.questionnaire.recoding import recode

DOCUMENT = """
format: 1
code: doi-cho
title: Đổi chỗ
languages: [vi]
scales:
  three:
    levels: [{ code: "1", label: A }, { code: "2", label: B }, { code: "3", label: C }]
    satisfied: ["3"]
    not_applicable: Không
scoring: { version: "1", item: top2, roll_up: pooled }
sections:
  - code: part
    title: Phần
    factor: true
    questions:
      - { code: rate, kind: scale, role: criterion, scale: three, not_applicable: true, text: Một }
      - code: one
        kind: single
        role: context
        text: Hai
        options: [{ code: red, label: Đỏ }, { code: blue, label: Xanh }]
      - code: many
        kind: multiple
        role: need
        text: Ba
        options: [{ code: fast, label: Nhanh }, { code: cheap, label: Rẻ }]
      - { code: trips, kind: number, role: context, minimum: 0, maximum: 900, text: Bốn }
"""
RED, BLUE = "{ code: red, label: Đỏ }", "{ code: blue, label: Xanh }"
FAST, CHEAP = "{ code: fast, label: Nhanh }", "{ code: cheap, label: Rẻ }"
CODES = ("rate", "one", "many", "trips")


def codebook(document: str) -> Codebook:
    return build_codebook(parse_questionnaire(document))


def turned() -> Codebook:
    """The number first, options the other way round."""
    number = next(line for line in DOCUMENT.splitlines(keepends=True) if "code: trips" in line)
    text = DOCUMENT.replace(number, "").replace("    questions:\n", f"    questions:\n{number}")
    text = text.replace(f"[{RED}, {BLUE}]", f"[{BLUE}, {RED}]")
    return codebook(text.replace(f"[{FAST}, {CHEAP}]", f"[{CHEAP}, {FAST}]"))


def laid_out(
    target: Codebook, codes: tuple[str, ...], answers: dict[str, Answer]
) -> dict[str, Answer]:
    source = codebook(DOCUMENT)
    row = np.frombuffer(encode(source, answers), np.uint8).reshape(1, -1)
    return decode(target, recode(source, target, codes, row)[0].tobytes())


@pytest.mark.parametrize(
    "answers",
    [
        {"rate": "3", "one": "red", "many": ("fast",), "trips": "700"},
        {"rate": "na", "one": "blue", "many": ("cheap",), "trips": "0"},
        {},
    ],
)
def test_every_answer_keeps_its_code(answers: dict[str, Answer]) -> None:
    assert laid_out(turned(), CODES, answers) == answers


def test_what_is_not_taken_over_is_as_if_skipped() -> None:
    answers: dict[str, Answer] = {"rate": "3", "one": "red", "trips": "7"}
    assert laid_out(turned(), ("one",), answers) == {"one": "red"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"[{RED}, {BLUE}]", f"[{RED}, {{ code: green, label: Lục }}]"),
        (f"[{FAST}, {CHEAP}]", f"[{FAST}, {{ code: near, label: Gần }}]"),
        ("kind: single", "kind: multiple"),
    ],
)
def test_other_answers_cannot_be_shared(before: str, after: str) -> None:
    with pytest.raises(ValueError, match=r"^(one|many) has other"):
        laid_out(codebook(DOCUMENT.replace(before, after)), CODES, {"rate": "1"})


def test_a_row_of_another_width() -> None:
    with pytest.raises(ValueError, match="bytes"):
        recode(codebook(DOCUMENT), turned(), CODES, np.zeros((2, 3), dtype=np.uint8))
