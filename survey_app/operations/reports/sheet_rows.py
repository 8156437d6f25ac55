"""Sheets as rows of numbers: the columns of a data file, with what may recognise nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.clock import local
from survey_app.estimation.disclosure.rare_rows import hide_rare_rows
from survey_app.interchange.variables import (
    MODE,
    MODE_NUMBERS,
    MONTH,
    PARTIAL,
    Missing,
    Variable,
    is_known_to_others,
    number_of,
)
from survey_app.questionnaire.codebook import (
    CHOSEN,
    NOT_APPLICABLE_BYTE,
    NOT_APPLICABLE_NUMBER,
    NOT_CHOSEN,
    SKIPPED,
    Codebook,
)
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Condition,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
)
from survey_app.storage.queries.dataset import SheetRow

Numbers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RowMaker:
    """Makes the rows of one questionnaire; ``variables`` are those with a number, in order."""

    questionnaire: Questionnaire
    codebook: Codebook
    variables: Sequence[Variable]

    def rows(self, sheets: Sequence[SheetRow]) -> Numbers:
        """One row a sheet, one column a variable, in an order that tells nothing of the sheets'.

        What others may know of somebody stands only where at least five rows share it.
        """
        answers = np.frombuffer(b"".join(sheet.answers for sheet in sheets), np.uint8)
        reader = _Reader(self.questionnaire, self.codebook, answers.reshape(len(sheets), -1))
        about = {
            MONTH: [_month(sheet) for sheet in sheets],
            MODE: [MODE_NUMBERS[sheet.mode] for sheet in sheets],
            PARTIAL: [int(sheet.is_partial) for sheet in sheets],
        }
        columns = [
            reader.numbers(v) if v.question else np.array(about[v.name], dtype=np.int64)
            for v in self.variables
        ]
        rows = np.column_stack(columns)
        self._withhold(rows)
        return rows[np.lexsort(rows.T[::-1])]

    def _withhold(self, rows: Numbers) -> None:
        """Hide, in place, what too few share; all columns of one question together."""
        groups = self._known_to_others()
        keys = np.column_stack([_codes(rows[:, places]) for places in groups])
        hidden = hide_rare_rows(keys)
        for number, places in enumerate(groups):
            for place in places:
                rows[hidden[:, number], place] = Missing.WITHHELD

    def _known_to_others(self) -> list[list[int]]:
        """The columns of each thing that others may know, what is best kept first: who somebody
        is, what the visit was like, when and how the sheet came."""
        of: dict[str, list[int]] = {}
        for place, variable in enumerate(self.variables):
            code = variable.question.code if variable.question else variable.name
            of.setdefault(code, []).append(place)
        known = [q for q in self.questionnaire.questions if is_known_to_others(q) and q.code in of]
        known.sort(key=lambda question: question.role is not Role.DEMOGRAPHIC)
        return [of[question.code] for question in known] + [of[MONTH], of[MODE]]


class _Reader:
    """Reads the bytes of many sheets at once."""

    def __init__(self, questionnaire: Questionnaire, codebook: Codebook, answers: Bytes) -> None:
        self._questionnaire = questionnaire
        self._codebook = codebook
        self._answers = answers
        self._asked: dict[str, Mask] = {}

    def numbers(self, variable: Variable) -> Numbers:
        """The column of a variable, every sheet's."""
        question = variable.question
        if question is None:
            raise ValueError(f"{variable.name} is no answer")
        if question.kind is QuestionKind.NUMBER:
            found = self._whole_numbers(question)
        else:
            column = next(
                c for c in self._codebook.by_question[question.code] if c.code == variable.code
            )
            found = _table(question)[self._answers[:, column.position]]
        found[(found == Missing.NO_ANSWER) & ~self._is_asked(question)] = Missing.NOT_ASKED
        return found

    def _whole_numbers(self, question: Question) -> Numbers:
        first = self._codebook.position(question.code)
        high, low = self._answers[:, first], self._answers[:, first + 1]
        stored = high.astype(np.int64) * 256 + low
        found = stored - 1
        found[stored == SKIPPED] = Missing.NO_ANSWER
        found[stored == NOT_APPLICABLE_NUMBER] = Missing.NOT_APPLICABLE
        return found

    def _is_asked(self, question: Question) -> Mask:
        if question.code not in self._asked:
            asked = np.ones(len(self._answers), dtype=np.bool_)
            for condition in question.ask_when:
                asked &= self._holds(condition)
            self._asked[question.code] = asked
        return self._asked[question.code]

    def _holds(self, condition: Condition) -> Mask:
        question = self._questionnaire[condition.question]
        columns = self._codebook.by_question[question.code]
        answers = self._answers[:, [column.position for column in columns]]
        answered: Mask = np.any(answers != SKIPPED, axis=1)
        if question.kind is QuestionKind.MULTIPLE:
            wanted = [c.option is not None and c.option.code in condition.options for c in columns]
            matches: Mask = np.any(answers[:, wanted] == CHOSEN, axis=1)
        else:
            numbers = columns[0].numbers
            chosen = [numbers[code] for code in condition.options if code in numbers]
            matches = np.isin(answers[:, 0], chosen)
        if NOT_APPLICABLE in condition.options:
            matches |= answers[:, 0] == NOT_APPLICABLE_BYTE
        holds: Mask = answered & (matches != condition.negated)
        return holds


def _month(sheet: SheetRow) -> int:
    """The month of receipt in Viet Nam: 202606."""
    moment = local(sheet.received_hour)
    return moment.year * 100 + moment.month


def _table(question: Question) -> Numbers:
    """Stored byte → number in the file."""
    table = np.full(256, int(Missing.NO_ANSWER), dtype=np.int64)
    table[NOT_APPLICABLE_BYTE] = Missing.NOT_APPLICABLE
    if question.kind is QuestionKind.MULTIPLE:
        table[CHOSEN], table[NOT_CHOSEN] = 1, 0
        return table
    numbers: Mapping[str, int] = number_of(question.choices)
    for byte, option in enumerate(question.choices, start=1):
        table[byte] = numbers[option.code]
    return table


def _codes(columns: Numbers) -> Numbers:
    """Several columns as one, a code for each combination."""
    return np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
