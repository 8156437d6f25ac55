"""The codebook of a questionnaire: how its answers are laid out as bytes, one fixed row each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
)

SKIPPED = 0  # not answered or not asked
NOT_APPLICABLE_BYTE = 255
NOT_APPLICABLE_NUMBER = 0xFFFF
CHOSEN, NOT_CHOSEN = 1, 2  # the bytes of one answer of a multiple choice

_NOT_APPLICABLE_LABEL = LocalText({"vi": "Không áp dụng", "en": "Not applicable"})


@dataclass(frozen=True)
class Column:
    """One coded column.

    ``code`` is the question's code, for an answer of a multiple choice ``question:option``.
    ``position`` is its first byte in the row, ``width`` its bytes: 1, or 2 for a number.
    """

    code: str
    question: Question
    option: Option | None
    position: int
    width: int = 1

    @property
    def kind(self) -> QuestionKind:
        return self.question.kind

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Answer code to byte for a scale or single choice: 1, 2, 3 … in the order of answers."""
        return {option.code: number for number, option in enumerate(self.question.choices, 1)}


@dataclass(frozen=True)
class Codebook:
    """The coded columns of a questionnaire in the order of the row; texts have no column.

    Scale and single choice: the 1-based number of the answer, 0 skipped or not asked, 255 does not
    apply. Multiple choice, for each answer: 1 chosen, 2 not chosen, 0 skipped or not asked, 255
    does not apply. Number: value + 1 as two bytes, high byte first, 0 skipped, 0xFFFF does not
    apply.
    """

    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        """Bytes of one row."""
        return self.columns[-1].position + self.columns[-1].width if self.columns else 0

    @cached_property
    def by_question(self) -> Mapping[str, tuple[Column, ...]]:
        """The columns of each coded question, in order."""
        found: dict[str, tuple[Column, ...]] = {}
        for column in self.columns:
            code = column.question.code
            found[code] = (*found.get(code, ()), column)
        return found

    @cached_property
    def one_choice(self) -> tuple[tuple[str, int, Mapping[str, int]], ...]:
        """Of each question with one answer to choose: its code, its byte in the row, and what every
        answer is there."""
        return tuple(
            (column.code, column.position, {**column.numbers, NOT_APPLICABLE: NOT_APPLICABLE_BYTE})
            for column in self.columns
            if column.kind in {QuestionKind.SCALE, QuestionKind.SINGLE}
        )

    @cached_property
    def other_columns(self) -> tuple[Column, ...]:
        """The columns of all other questions."""
        plain = {code for code, _, _ in self.one_choice}
        return tuple(column for column in self.columns if column.question.code not in plain)

    @cached_property
    def criteria(self) -> tuple[int, ...]:
        """The bytes of the satisfaction criteria."""
        return tuple(c.position for c in self.columns if c.question.role is Role.CRITERION)

    def position(self, question_code: str) -> int:
        """The first byte of the question's columns; KeyError when it has none."""
        return self.by_question[question_code][0].position

    def to_document(self) -> dict[str, Any]:
        """The codebook as JSON-able data with all labels, for exports and other programs."""
        return {"width": self.width, "columns": [_column_document(c) for c in self.columns]}


def build_codebook(questionnaire: Questionnaire) -> Codebook:
    """Lays out the columns of ``questionnaire`` in the order of its questions."""
    columns: list[Column] = []
    position = 0
    for question in questionnaire.questions:
        for column in _columns(question, position):
            columns.append(column)
            position += column.width
    return Codebook(tuple(columns))


def _columns(question: Question, position: int) -> tuple[Column, ...]:
    if question.kind is QuestionKind.TEXT:
        return ()
    if question.kind is QuestionKind.NUMBER:
        return (Column(question.code, question, None, position, width=2),)
    if question.kind is QuestionKind.MULTIPLE:
        return tuple(
            Column(f"{question.code}:{option.code}", question, option, position + place)
            for place, option in enumerate(question.options)
        )
    return (Column(question.code, question, None, position),)


def _column_document(column: Column) -> dict[str, Any]:
    question = column.question
    return {
        "code": column.code,
        "question": question.code,
        "option": column.option.code if column.option else None,
        "kind": question.kind.value,
        "role": question.role.value,
        "position": column.position,
        "width": column.width,
        "text": dict(question.text.texts),
        "label": dict(column.option.label.texts) if column.option else None,
        "values": _values(column),
    }


def _values(column: Column) -> list[dict[str, Any]]:
    """What the stored numbers mean; for a number only the special one."""
    question = column.question
    values: list[dict[str, Any]] = []
    if column.option is not None:
        values = [
            {"value": CHOSEN, "code": "1", "label": {"vi": "Có chọn", "en": "Chosen"}},
            {"value": NOT_CHOSEN, "code": "0", "label": {"vi": "Không chọn", "en": "Not chosen"}},
        ]
    elif question.kind is not QuestionKind.NUMBER:
        values = [
            {"value": number, "code": option.code, "label": dict(option.label.texts)}
            for number, option in enumerate(question.choices, 1)
        ]
    if question.not_applicable:
        is_number = question.kind is QuestionKind.NUMBER
        label = not_applicable_label(question)
        byte = NOT_APPLICABLE_NUMBER if is_number else NOT_APPLICABLE_BYTE
        values.append({"value": byte, "code": NOT_APPLICABLE, "label": dict(label.texts)})
    return values


def not_applicable_label(question: Question) -> LocalText:
    """What people read for "does not apply": the scale's own words, or the usual ones."""
    return question.scale.not_applicable if question.scale else _NOT_APPLICABLE_LABEL
