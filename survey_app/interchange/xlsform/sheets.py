"""The sheets of an XLSForm workbook as rows by column, each cell with its place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from survey_app.errors import Invalid
from survey_app.interchange.xlsform.features import COLUMN_NAMES, Place
from survey_app.interchange.xlsform.vocabulary import (
    CHOICES,
    SETTINGS,
    SURVEY,
    language_of,
    unshielded,
)
from survey_app.spreadsheets.opening import read_sheets
from survey_app.spreadsheets.sheet import Row, Sheet, column_letter

#: Sheets that may hold something that would be lost.
_OTHER_SHEETS = ("external_choices", "osm", "entities")
_MOST_ROWS = 5_000


@dataclass(frozen=True)
class Heading:
    """One column: ``name`` as the tables of features call it, ``part`` what stands after "::".

    ``language`` is that part as a code; None for a column in no language, or in an unknown one.
    """

    written: str
    name: str
    part: str
    language: str | None
    letter: str


@dataclass(frozen=True)
class Line:
    """One row that is not blank, by column letter; ``sheet`` knows the headings."""

    sheet: "Grid"
    number: int
    cells: Mapping[str, str]

    def get(self, name: str) -> str:
        """The text of the first filled column of this name in no language, trimmed."""
        texts = (self.cells[h.letter] for h in self.sheet.named(name) if not h.part)
        return next((text.strip() for text in texts if text.strip()), "")

    def place(self, name: str = "") -> Place:
        """Of the row, or of its cell in the first column of this name."""
        heading = next(iter(self.sheet.named(name)), None) if name else None
        if heading is None:
            return Place(self.sheet.name, self.number)
        return self.cell_place(heading)

    def cell_place(self, heading: Heading) -> Place:
        return Place(self.sheet.name, self.number, heading.letter, heading.written)

    def filled(self) -> Iterator[tuple[Heading, str]]:
        """Every column with something in it."""
        for heading in self.sheet.headings:
            if text := self.cells[heading.letter].strip():
                yield heading, text

    def texts(self, name: str, plain_language: str) -> dict[str, str]:
        """The texts of a translatable column by language; one without a language is in
        ``plain_language``."""
        found: dict[str, str] = {}
        for heading in self.sheet.named(name):
            text = unshielded(self.cells[heading.letter])
            code = heading.language if heading.part else plain_language
            if text.strip() and code and (heading.part or code not in found):
                found[code] = text
        return found


@dataclass(frozen=True)
class Grid:
    """A sheet with headings in its first row. ``unnamed``: columns without one, by letter, with
    the first row in which they say something."""

    name: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    unnamed: tuple[tuple[str, int], ...] = ()

    def named(self, name: str) -> tuple[Heading, ...]:
        return tuple(heading for heading in self.headings if heading.name == name)

    @property
    def lines(self) -> Iterator[Line]:
        return (Line(self, number, cells) for number, cells in self.rows)


@dataclass(frozen=True)
class Form:
    """The three sheets, empty where they are not in the file; ``others``: names of those that
    may hold something, ``ignored`` of those that no program of XLSForm reads."""

    survey: Grid
    choices: Grid
    settings: Line
    others: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def languages(self) -> tuple[Heading, ...]:
        """The columns in a language, in order."""
        both = (*self.survey.headings, *self.choices.headings)
        return tuple(h for h in both if h.part and h.name in ("label", "hint"))


def open_form(data: bytes, filename: str) -> Form:
    """The sheets of a workbook (or of a CSV with the name of the sheet in its first column).

    Raises Invalid with one sentence when the file cannot be read, or is no XLSForm.
    """
    sheets = read_sheets(data, filename, most_rows=_MOST_ROWS + 1)
    if any(len(sheet.lines) > _MOST_ROWS for sheet in sheets):
        raise Invalid("Một trang của tệp có hơn 5.000 dòng; biểu mẫu không dài đến thế.")
    if len(sheets) == 1 and sheets[0].name == "CSV":
        sheets = list(_parted(sheets[0]))
    found = {sheet.name.strip().lower(): sheet for sheet in sheets}
    if SURVEY not in found:
        raise Invalid("Tệp không phải XLSForm: không có trang tên “survey”.")
    survey = _grid(SURVEY, found[SURVEY])
    if not survey.named("type") or not survey.named("name"):
        raise Invalid("Trang “survey” phải có cột “type” và cột “name” ở dòng đầu.")
    settings = list(_grid(SETTINGS, found.get(SETTINGS)).lines)
    blank = Line(_grid(SETTINGS, None), 1, {})
    rest = [name for name in found if name not in (SURVEY, CHOICES, SETTINGS)]
    return Form(
        survey,
        _grid(CHOICES, found.get(CHOICES)),
        settings[0] if settings else blank,
        tuple(found[name].name for name in rest if name in _OTHER_SHEETS),
        tuple(found[name].name for name in rest if name not in _OTHER_SHEETS),
    )


def _grid(name: str, sheet: Sheet | None) -> Grid:
    if sheet is None:
        return Grid(name, (), ())
    first, *rest = sheet.lines
    letters = [column_letter(place) for place in range(len(first.cells))]
    named = [(letter, text) for letter, text in zip(letters, first.cells, strict=True) if text]
    headings = tuple(_heading(text, letter) for letter, text in named)
    rows = tuple((row.number, dict(zip(letters, row.cells, strict=True))) for row in rest)
    unnamed = [letter for letter in letters if letter not in dict(named)]
    return Grid(name, headings, rows, tuple(_first_filled(rows, unnamed)))


def _first_filled(
    rows: Iterable[tuple[int, Mapping[str, str]]], letters: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """The columns that say something, each with the first row in which it does."""
    for letter in letters:
        if number := next((number for number, cells in rows if cells[letter].strip()), None):
            yield letter, number


def _heading(text: str, letter: str) -> Heading:
    written = " ".join(text.split())
    name, colons, part = written.partition("::")
    if not colons and ":" in written and not written.startswith("jr:"):
        name, _, part = written.partition(":")
    name = name.strip().lower()
    if name == "media":  # media::image::English (en)
        part = part.partition("::")[2] or part
    known = COLUMN_NAMES.get(name) or COLUMN_NAMES.get(name.replace(" ", "_")) or name
    part = part.strip()
    return Heading(written, known, part, language_of(part) if part else None, letter)


def _parted(sheet: Sheet) -> Iterator[Sheet]:
    """The sheets that stand in one CSV: a name in the first column begins each."""
    name, lines = "", list[Row]()
    for row in sheet.lines:
        if row.cells[0].strip():
            if lines:
                yield Sheet(name, tuple(lines))
            name, lines = row.cells[0].strip(), []
        if any(cell.strip() for cell in row.cells[1:]):
            lines.append(Row(row.number, ("", *row.cells[1:])))
    if lines:
        yield Sheet(name, tuple(lines))
