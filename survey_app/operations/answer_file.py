"""Columns of a real sheet for an analysis: what can be understood is, every other cell is listed.

Real sheets hold numbers as text, words instead of codes, decimal commas, blank rows, a second
row of headings. Nothing is guessed: a cell that can mean two things is a mistake.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.errors import Invalid, Problem
from survey_app.estimation.plan import Plan
from survey_app.spreadsheets import ColumnSpec, Row, Sheet, cell_place, column_letter, read_table
from survey_app.text import fold

LARGEST_FILE = 512 * 1024 * 1024
MOST_ROWS = 2_000_000
#: Rows under the headings that may be headings once more (a line of question texts).
MOST_SECOND_HEADINGS = 2

LEVELS = {
    "rat khong hai long": 1,
    "khong hai long": 2,
    "chua hai long": 2,
    "binh thuong": 3,
    "hai long": 4,
    "rat hai long": 5,
    "very dissatisfied": 1,
    "dissatisfied": 2,
    "neutral": 3,
    "satisfied": 4,
    "very satisfied": 5,
}
NOT_APPLICABLE = frozenset(
    {"na", "n/a", "khong ap dung", "khong co y kien", "khong biet", "not applicable", "no opinion"}
)

Column = NDArray[np.float64] | NDArray[np.str_]
#: The number in a cell, NaN for a blank; None when the cell cannot be understood.
Reader = Callable[[str], float | None]


def read_columns(data: bytes, filename: str, plan: Plan) -> dict[str, Column]:
    """The columns a plan names, rows in the file's order: numbers (NaN = blank) or texts.

    Raises Invalid for an unreadable file, a missing column, and with every cell that cannot be
    understood.
    """
    specs = [ColumnSpec(name, (name,), required=True) for name in plan.columns]
    sheet = read_table(data, filename, specs, most_rows=MOST_ROWS, largest_file=LARGEST_FILE)
    reading = _Reading(plan, sheet)
    columns = {name: reading.column(name) for name in plan.columns}
    if reading.problems:
        count = len(reading.problems)
        raise Invalid(f"Tệp có {count} ô không hiểu được; chưa tính gì.", reading.problems)
    return columns


def number(cell: str) -> float | None:
    """The number in a cell, with a decimal comma or point; None when it is no number.

    >>> number("4,5"), number("4.0"), number("bốn")
    (4.5, 4.0, None)
    """
    text = cell.strip().replace("\u00a0", "").replace(" ", "")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


@dataclass(frozen=True)
class _AnswerReader:
    """Reads cells of a question: a level as number or as words, "not applicable", blank."""

    plan: Plan

    def __call__(self, cell: str) -> float | None:
        if not cell.strip():
            return float("nan")
        value = number(cell)
        if value is None:
            return self._words(fold(cell))
        is_level = value.is_integer() and 1 <= value <= self.plan.maximum
        return value if is_level or value in self.plan.not_applicable else None

    def _words(self, folded: str) -> float | None:
        if folded in NOT_APPLICABLE:
            # Without a code for it in the plan, "not applicable" is no answer, like a blank.
            return float(next(iter(self.plan.not_applicable), float("nan")))
        return float(LEVELS[folded]) if self.plan.maximum == 5 and folded in LEVELS else None


class _Reading:
    """One sheet being read; problems are gathered, not thrown."""

    def __init__(self, plan: Plan, sheet: Sheet) -> None:
        self.problems: list[Problem] = []
        self._plan = plan
        self._places = _places(sheet, plan.columns)
        self._answer = _AnswerReader(plan)
        self._rows = self._without_second_headings(sheet.rows)

    def column(self, name: str) -> Column:
        plan = self._plan
        if name in plan.questions:
            levels = f"mức từ 1 đến {plan.maximum:g}"
            return self._numbers(name, self._answer, f"không phải câu trả lời ({levels})")
        counts = {plan.weight, plan.population_clusters, plan.population_members}
        if name in counts:
            return self._numbers(name, number, "không phải một số")
        place = self._places[name]
        return np.array([row.cells[place] for row in self._rows], dtype=np.str_)

    def _numbers(self, name: str, read: Reader, complaint: str) -> NDArray[np.float64]:
        place = self._places[name]
        known: dict[str, float | None] = {}
        values = np.empty(len(self._rows))
        for at, row in enumerate(self._rows):
            cell = row.cells[place]
            if cell not in known:
                known[cell] = read(cell)
            value = known[cell]
            if value is None:
                said = f"“{cell}” {complaint}." if cell.strip() else f"Ô trống {complaint}."
                where = cell_place(row.number, column_letter(place))
                self.problems.append(Problem(said, where))
            values[at] = np.nan if value is None else value
        return values

    def _without_second_headings(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows without those right under the headings that hold words in every question."""
        skipped = 0
        for row in rows[:MOST_SECOND_HEADINGS]:
            cells = [row.cells[self._places[name]] for name in self._plan.questions]
            if not all(cell.strip() and self._answer(cell) is None for cell in cells):
                break
            if any(number(cell) is not None for cell in cells):
                break
            skipped += 1
        return rows[skipped:]


def _places(sheet: Sheet, names: Sequence[str]) -> Mapping[str, int]:
    headings: dict[str, int] = {}
    for place, cell in enumerate(sheet.header.cells):
        headings.setdefault(cell.strip(), place)
    folded = {fold(cell): place for cell, place in reversed(headings.items())}
    return {name: headings.get(name, folded.get(fold(name), 0)) for name in names}
