"""Columns of a real sheet for an analysis: what can be understood is, every other cell is listed.

Real sheets hold numbers as text, words instead of codes, decimal commas, blank rows, a second
row of headings. Nothing is guessed: a cell that can mean two things is a mistake.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.errors import Invalid, Problem
from survey_app.estimation.plans.plan import Plan
from survey_app.reporting import formats
from survey_app.reporting.files.report import FileReading
from survey_app.spreadsheets.flaws import flaw_of
from survey_app.spreadsheets.records import ColumnSpec, heading_places, read_table
from survey_app.spreadsheets.sheet import Row, Sheet, cell_place, column_letter
from survey_app.text import fold

LARGEST_FILE = 512 * 1024 * 1024
MOST_ROWS = 2_000_000
#: More people, dossiers or clusters than this no population has (a slip of the hand).
LARGEST_COUNT = 1_000_000_000
#: A weight says how many one sheet stands for: 0 for nobody, or in these bounds.
SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-9, 1e9
#: Surer than this nobody asks to be, and simulated ranks cannot be.
HIGHEST_CONFIDENCE = 0.9999
#: Rows under the headings that may be headings once more (a line of question texts).
MOST_SECOND_HEADINGS = 2

#: So much of a cell stands in a message.
_SHOWN = 60

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

#: A number as programs and people write it; spaces only between thousands.
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}( \d{3})+)?([.,]\d*)?(e[+-]?\d{1,3})?", re.ASCII | re.I)
#: "1.250" is 1250 to one reader and 1,25 to another.
_AMBIGUOUS = re.compile(r"\+?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)
_FRACTION = re.compile(r"\+?\d+([.,])\d+", re.ASCII)

Column = NDArray[np.float64] | NDArray[np.str_]
#: The number in a cell, NaN for a blank; None when the cell cannot be understood.
Reader = Callable[[str], float | None]


@dataclass(frozen=True)
class Limits:
    """How much is taken on. file: bytes; plan: characters of its text; domains: of one plan;
    estimates: of all questions, factors and indices in the sample, each domain and a comparison.
    """

    file: int = LARGEST_FILE
    rows: int = MOST_ROWS
    plan: int = 1_000_000
    domains: int = 10_000
    estimates: int = 10_000_000


@dataclass(frozen=True)
class Answers:
    """The columns a plan names, rows in the file's order: numbers (NaN = blank) or texts."""

    columns: dict[str, Column]
    reading: FileReading


def open_sheet(data: bytes, filename: str, names: Iterable[str], limits: Limits) -> Sheet:
    """The first table of a file that has all these columns; without names the first table.

    Raises Invalid for an unreadable or too large file, and for missing columns.
    """
    specs = [ColumnSpec(name, (name,), required=True) for name in names]
    return read_table(data, filename, specs, most_rows=limits.rows, largest_file=limits.file)


def read_answers(sheet: Sheet, filename: str, plan: Plan) -> Answers:
    """The columns a plan names, read from a table that has them.

    Raises Invalid with every cell that cannot be understood, and for headings that stand twice.
    """
    reading = _Reading(plan, sheet)
    columns = {name: reading.column(name) for name in plan.columns}
    if reading.problems:
        count = len(reading.problems)
        raise Invalid(f"Tệp có {count} ô không hiểu được; chưa tính gì.", reading.problems)
    dropped = len(sheet.rows) - len(reading.rows)
    last = sheet.lines[-1].number
    return Answers(
        columns,
        FileReading(
            filename=filename,
            sheet=sheet.name,
            rows=len(reading.rows),
            blank_rows=last - sheet.header.number - len(sheet.rows),
            second_headings=dropped,
        ),
    )


def parse_number(cell: str) -> float | None:
    """The number in a cell, with a decimal comma or point; None when it is no number.

    >>> parse_number("4,5"), parse_number("4.0"), parse_number("bốn")
    (4.5, 4.0, None)
    >>> parse_number("30 000"), parse_number("3 0"), parse_number("1_0"), parse_number("٣")
    (30000.0, None, None, None)
    """
    text = cell.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if not _NUMBER.fullmatch(text):
        return None
    try:
        value = float(text.replace(" ", "").replace(",", "."))
    except ValueError:  # a sign without digits
        return None
    return value if np.isfinite(value) else None


def decimal_signs(cells: Iterable[str]) -> frozenset[str]:
    """The signs that these cells of one column show to stand before decimals.

    A column is written in one way: beside "0,5" the comma of "1,250" is no sign of thousands.

    >>> sorted(decimal_signs(["1.250", "0.5", "987"])), sorted(decimal_signs(["1.250", "987"]))
    (['.'], [])
    """
    clear = {cell.strip() for cell in cells if not is_ambiguous(cell)}
    found = frozenset(match[1] for match in map(_FRACTION.fullmatch, clear) if match)
    return found if len(found) == 1 else frozenset()


def is_ambiguous(cell: str, known: Collection[str] = ()) -> bool:
    """Whether a number may be thousands or decimals; ``known``: signs that stand for decimals.

    >>> is_ambiguous("1.250"), is_ambiguous("1,250", [","]), is_ambiguous("0,250")
    (True, False, False)
    """
    match = _AMBIGUOUS.fullmatch(cell.strip())
    return match is not None and match.group(1) not in known


def parse_confidence(text: str) -> float:
    """A confidence level as somebody types it in percent: a proportion in 0.5 .. 1.

    Raises Invalid with the problem at "confidence".

    >>> parse_confidence("95"), parse_confidence("99,5%")
    (0.95, 0.995)
    """
    percent = parse_number(text.replace("%", ""))
    if percent is None or not 50 <= percent <= 100 * HIGHEST_CONFIDENCE:
        message = "Ghi độ tin cậy từ 50 đến 99,99, như 95."
        raise Invalid(message, [Problem(message, "confidence")])
    return round(percent / 100, 6)


@dataclass(frozen=True)
class AnswerReader:
    """Reads cells of a question: a level as number or as words, "not applicable", blank."""

    maximum: float = 5
    not_applicable: Sequence[float] = (0,)

    def __call__(self, cell: str) -> float | None:
        """The level, NaN for a blank, None for what is no answer.

        >>> read = AnswerReader()
        >>> read("4,0"), read("Rất hài lòng"), read("Không áp dụng"), read("6"), read("có")
        (4.0, 5.0, 0.0, None, None)
        """
        if not cell.strip():
            return float("nan")
        value = parse_number(cell)
        if value is None:
            return self._words(fold(cell))
        is_level = value.is_integer() and 1 <= value <= self.maximum
        return value if is_level or value in self.not_applicable else None

    def _words(self, folded: str) -> float | None:
        if folded in NOT_APPLICABLE:
            # Without a code for it in the plan, "not applicable" is no answer, like a blank.
            return float(next(iter(self.not_applicable), float("nan")))
        return float(LEVELS[folded]) if self.maximum == 5 and folded in LEVELS else None


def without_second_headings(
    rows: Sequence[Row], places: Sequence[int], read: Reader
) -> Sequence[Row]:
    """The rows without those right under the headings that hold words in all these columns."""
    skipped = 0
    for row in rows[:MOST_SECOND_HEADINGS]:
        cells = [row.cells[place] for place in places]
        if not all(cell.strip() and read(cell) is None for cell in cells):
            break
        if any(parse_number(cell) is not None for cell in cells):
            break
        skipped += 1
    return rows[skipped:]


class _Reading:
    """One sheet being read; problems are gathered, not thrown."""

    def __init__(self, plan: Plan, sheet: Sheet) -> None:
        self.problems: list[Problem] = []
        self._plan = plan
        self._places = _places(sheet.header, plan.columns)
        self._answer = AnswerReader(plan.maximum, tuple(plan.not_applicable))
        asked = [self._places[name] for name in plan.questions]
        self.rows = without_second_headings(sheet.rows, asked, self._answer)

    def column(self, name: str) -> Column:
        plan = self._plan
        if name in plan.questions:
            levels = f"mức từ 1 đến {plan.maximum:g}"
            return self._numbers(name, self._answer, f"không phải câu trả lời ({levels})")
        if name == plan.weight:
            known = decimal_signs(row.cells[self._places[name]] for row in self.rows)
            complaint = "không phải một trọng số (0, hoặc từ 0,000000001 đến 1.000.000.000)"
            return self._numbers(name, _weight, complaint, decimal=known)
        if name in {plan.population_clusters, plan.population_members}:
            largest = formats.count(LARGEST_COUNT)
            complaint = f"không phải một số nguyên từ 1 đến {largest}"
            return self._numbers(name, _count, complaint, decimal=())
        may_be_blank = bool(plan.where) or name not in {plan.strata, plan.clusters}
        place = self._places[name]
        self._note_gaps(name, place, may_be_blank=may_be_blank)
        return np.array([row.cells[place] for row in self.rows], dtype=np.str_)

    def _numbers(
        self, name: str, read: Reader, complaint: str, *, decimal: Collection[str] | None = None
    ) -> NDArray[np.float64]:
        """decimal: signs known to stand for decimals; None where a number cannot be thousands."""
        place = self._places[name]
        known: dict[str, float | None] = {}
        values = np.empty(len(self.rows))
        for at, row in enumerate(self.rows):
            cell = row.cells[place]
            if cell not in known:
                is_clear = decimal is None or not is_ambiguous(cell, decimal)
                known[cell] = read(cell) if is_clear else None
            value = known[cell]
            if value is None:
                self._complain(row, place, _said(cell, complaint, decimal))
            values[at] = np.nan if value is None else value
        return values

    def _note_gaps(self, name: str, place: int, *, may_be_blank: bool) -> None:
        """Cells without a value: one that stands for itself would be a group of its own."""
        for row in self.rows:
            cell = row.cells[place]
            if flaw := flaw_of(cell):
                self._complain(row, place, _sentence(flaw))
            elif not may_be_blank and not cell.strip():
                self._complain(row, place, f"Ô trống: cột “{name}” phải có ở mọi dòng.")

    def _complain(self, row: Row, place: int, said: str) -> None:
        self.problems.append(Problem(said, cell_place(row.number, column_letter(place))))


def _said(cell: str, complaint: str, decimal: Collection[str] | None) -> str:
    if not cell.strip():
        return f"Ô trống {complaint}."
    if flaw := flaw_of(cell):
        return _sentence(flaw)
    if decimal is not None and is_ambiguous(cell, decimal):
        plain = re.sub("[.,]", "", cell)
        return f"“{cell}” có thể là hàng nghìn hoặc số lẻ; xin ghi {plain} hoặc {cell}0."
    shown = cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…"
    return f"“{shown}” {complaint}."


def _sentence(flaw: str) -> str:
    return f"{flaw[:1].upper()}{flaw[1:]}."


def _weight(cell: str) -> float | None:
    value = parse_number(cell)
    is_weight = value is not None and (value == 0 or SMALLEST_WEIGHT <= value <= LARGEST_WEIGHT)
    return value if is_weight else None


def _count(cell: str) -> float | None:
    value = parse_number(cell)
    is_count = value is not None and 1 <= value <= LARGEST_COUNT and value.is_integer()
    return value if is_count else None


def _places(header: Row, names: Sequence[str]) -> Mapping[str, int]:
    """The column of each name. Raises Invalid for those that stand not at all or twice."""
    found = {name: heading_places(header, name) for name in names}
    problems = [
        Problem(f"Có hơn một cột tên này: {_letters(places)}." if places else "Thiếu cột.", name)
        for name, places in found.items()
        if len(places) != 1
    ]
    if problems:
        raise Invalid("Không rõ cột nào được dùng; mỗi cột cần một tên riêng.", problems)
    return {name: places[0] for name, places in found.items()}


def _letters(places: Sequence[int]) -> str:
    return ", ".join(f"cột {column_letter(place)}" for place in places)
