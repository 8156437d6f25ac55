"""The columns of a file of keyed forms, and what may stand in their cells."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from survey_app.errors import Invalid
from survey_app.questionnaire.codebook import not_applicable_label
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Question,
    QuestionKind,
    Questionnaire,
)
from survey_app.questionnaire.keying import answer_keys
from survey_app.spreadsheets.flaws import flaw_of
from survey_app.spreadsheets.records import ColumnSpec, heading_places
from survey_app.spreadsheets.sheet import Row, column_letter
from survey_app.text import clean_line, fold

POINT = ColumnSpec("point", ("Mã điểm",), required=True)
NUMBER = ColumnSpec("number", ("Số phiếu",), required=True)
#: What stands under these two headings in the template's row of texts.
POINT_TEXT, NUMBER_TEXT = "In ở đầu phiếu, chọn trong danh sách", "In ở đầu phiếu"
#: What a clerk writes into the column of one answer of a multiple choice.
_TICKED = frozenset({"x", "1", "v", "✓", "✔", "co", "true", "yes"})
_NOT_TICKED = frozenset({"", "0", "khong", "-", "false", "no"})
_NOT_APPLICABLE_WORDS = ("na", "n/a", "không áp dụng")
_WHOLE = re.compile(r"(\d+)[.,]0+")
_DASH = " – "
_FORM_NUMBER = re.compile(r"[0-9A-Z](?:[0-9A-Z./-]{0,18}[0-9A-Z])?")


@dataclass(frozen=True)
class KeyedColumn:
    """A column of answers: a question, or one answer of a multiple choice (``option``)."""

    heading: str
    question: Question
    option: str | None = None

    @property
    def text(self) -> str:
        """What stands under the heading: the question, or the answer to be ticked."""
        return (
            str(self.question.text) if self.option is None else _labels(self.question)[self.option]
        )

    @property
    def items(self) -> tuple[str, ...]:
        """What can be chosen in a cell: "5 – Rất hài lòng", or "x"."""
        if self.option is not None:
            return ("x",)
        labels, keys = _labels(self.question), answer_keys(self.question)
        return tuple(f"{key}{_DASH}{labels[code]}" for code, key in keys.items())

    @cached_property
    def meanings(self) -> Mapping[str, str]:
        """Folded words → answer code: codes, keys, labels that stand for one answer only."""
        labels, keys = _labels(self.question), answer_keys(self.question)
        counts = Counter(fold(label) for label in labels.values())
        found = {fold(text): code for code, text in labels.items() if counts[fold(text)] == 1}
        if NOT_APPLICABLE in keys:
            found |= dict.fromkeys(map(fold, _NOT_APPLICABLE_WORDS), NOT_APPLICABLE)
        found |= {fold(f"{key}{_DASH}{labels[code]}"): code for code, key in keys.items()}
        found |= {fold(key): code for code, key in keys.items()}
        return found | {fold(code): code for code in keys}


@dataclass(frozen=True)
class KeyedColumns:
    """Where the columns are in one file; ``unused``: columns that nobody reads ("D (Ghi chú)"),
    ``missing``: questions of which the file has no column."""

    point: int
    number: int
    answers: Sequence[tuple[int, KeyedColumn]]
    unused: tuple[str, ...]
    missing: tuple[str, ...]

    @cached_property
    def letters(self) -> Mapping[str, str]:
        """Question code → the letter over its first column."""
        found: dict[str, str] = {}
        for place, column in self.answers:
            found.setdefault(column.question.code, column_letter(place))
        return found

    def is_row_of_texts(self, row: Row) -> bool:
        """Whether a row only repeats what the template wrote under the headings."""
        told = {self.point: POINT_TEXT, self.number: NUMBER_TEXT}
        told |= {place: column.text for place, column in self.answers}
        cells = [(place, cell) for place, cell in enumerate(row.cells) if cell and place in told]
        return all(fold(clean_line(cell)) == fold(told[place]) for place, cell in cells)

    def is_blank(self, row: Row) -> bool:
        """Whether a row names a place at most: a list that was dragged down too far."""
        return not row.cells[self.number] and not any(row.cells[p] for p, _ in self.answers)


def keyed_columns(questionnaire: Questionnaire) -> tuple[KeyedColumn, ...]:
    """All columns of answers, in the order of the questions."""
    return tuple(column for question in questionnaire.questions for column in _columns(question))


def find_columns(header: Row, questionnaire: Questionnaire) -> KeyedColumns:
    """The columns of a file. Raises Invalid when one stands twice or none holds answers."""
    point, number = (_only_place(header, *spec.headings, spec.code) for spec in (POINT, NUMBER))
    wanted = keyed_columns(questionnaire)
    found = [(_place(header, column.heading), column) for column in wanted]
    answers = [(place, column) for place, column in found if place is not None]
    if not answers:
        raise Invalid(
            "Tệp không có cột nào mang mã câu hỏi của cuộc khảo sát này; hãy dùng tệp mẫu."
        )
    known = {point, number, *(place for place, _ in answers)}
    unused = tuple(
        f"{column_letter(place)} ({clean_line(cell)})"
        for place, cell in enumerate(header.cells)
        if cell and place not in known
    )
    missing = tuple(column.heading for place, column in found if place is None)
    return KeyedColumns(point or 0, number or 0, answers, unused, missing)


def read_cell(column: KeyedColumn, cell: str) -> str | None:
    """The answer in a cell as code or text, "" for none; None when it cannot be understood.

    In the column of one answer of a multiple choice the code is that of the answer ticked.
    """
    if flaw_of(cell):
        return None
    if column.question.kind is QuestionKind.TEXT:
        return cell
    text = clean_line(cell)
    if match := _WHOLE.fullmatch(text):  # "4,0": what some programs make of 4
        text = match[1]
    if column.option is not None:
        return _read_tick(column.option, fold(text))
    if column.question.kind is QuestionKind.NUMBER:
        return column.meanings.get(fold(text), text)
    return column.meanings.get(fold(text)) if text else ""


def form_number(text: str) -> str | None:
    """A form's number as it is compared: "0012", "12" and "12,0" are one; None for no number."""
    number = clean_line(text).upper()
    if match := _WHOLE.fullmatch(number):
        number = match[1]
    if not number.isascii() or not _FORM_NUMBER.fullmatch(number):
        return None
    return str(int(number)) if number.isdecimal() else number


def point_token(text: str) -> str:
    """The code of a place, from what can be chosen for it or typed: "ABCD EFGH – Quầy số 1"."""
    return clean_line(text).partition(_DASH)[0].replace(" ", "").upper()


def point_item(token: str, unit: str, label: str) -> str:
    """A place as the template offers it."""
    return f"{token}{_DASH}{unit}, {label}"


def _columns(question: Question) -> Iterator[KeyedColumn]:
    if question.kind is not QuestionKind.MULTIPLE:
        yield KeyedColumn(question.code, question)
        return
    for code in answer_keys(question):
        yield KeyedColumn(f"{question.code}:{code}", question, code)


def _labels(question: Question) -> Mapping[str, str]:
    labels = {option.code: str(option.label) for option in question.choices}
    return labels | {NOT_APPLICABLE: str(not_applicable_label(question))}


def _place(header: Row, *headings: str) -> int | None:
    places = {place for heading in headings for place in heading_places(header, heading)}
    if len(places) > 1:
        letters = " và ".join(column_letter(place) for place in sorted(places))
        raise Invalid(f"Cột “{headings[0]}” có hơn một lần: cột {letters}.")
    return places.pop() if places else None


def _only_place(header: Row, *headings: str) -> int:
    place = _place(header, *headings)
    if place is None:
        raise Invalid(f"Thiếu cột: {headings[0]}.")
    return place


def _read_tick(option: str, word: str) -> str | None:
    if word in _TICKED:
        return option
    return "" if word in _NOT_TICKED else None
