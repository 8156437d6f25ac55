"""Report ▸ Chapter ▸ block: a document before it has a look. Numbers stay numbers here.

One Report is rendered as page, PDF, Excel, CSV and JSON; a renderer formats and never computes.
A chart is a table with a drawn column: each row's bar stands beside the figures it draws, so it
prints in grey, wraps long Vietnamese labels and reads aloud as what it is, a table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from survey_app.estimation.estimate import Interval, IntervalMethod, Reason


@dataclass(frozen=True)
class Percent:
    """A proportion in 0..1 to be shown as a percentage with ``digits`` decimals."""

    value: float
    digits: int = 2


@dataclass(frozen=True)
class Withheld:
    """A figure that is not given, and why."""

    reason: Reason


@dataclass(frozen=True)
class LikertBar:
    """Shares of each level, worst first, summing to 1: drawn as one stacked bar."""

    shares: tuple[float, ...]
    satisfied_from: int  # index of the first level that counts as satisfied


@dataclass(frozen=True)
class IntervalBar:
    """A value in 0..1 drawn as a bar, with its interval as a whisker when there is one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Points:
    """A difference of two proportions, in -1..1, to be shown in percentage points with its sign."""

    value: float


@dataclass(frozen=True)
class PointsInterval:
    """The confidence interval of a difference of two proportions; bounds in -1..1."""

    low: float
    high: float
    method: IntervalMethod
    confidence: float = 0.95


@dataclass(frozen=True)
class PointsBar:
    """A difference drawn from zero in the middle to ``±limit`` at the ends, with its interval."""

    value: float
    low: float | None = None
    high: float | None = None
    limit: float = 1.0


@dataclass(frozen=True)
class PValue:
    """A p-value in 0..1."""

    value: float


@dataclass(frozen=True)
class Number:
    """A number that is no proportion (a design effect, degrees of freedom)."""

    value: float
    digits: int = 2


#: What is drawn rather than written.
Bar = LikertBar | IntervalBar | PointsBar
#: What may stand in a cell. None is an empty cell.
Cell = (
    str
    | int
    | Percent
    | Interval
    | Points
    | PointsInterval
    | PValue
    | Number
    | Withheld
    | Bar
    | None
)


class ColumnKind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    INTERVAL = "interval"
    DECIMAL = "decimal"  # differences in points, p-values, design effects
    DRAWING = "drawing"  # seen on page and paper; left out of Excel, CSV and JSON


@dataclass(frozen=True)
class Column:
    """``code`` is stable (JSON key, CSV head); ``heading`` is for people; ``width`` in percent.

    ``axis`` labels the left end, middle and right end of a column of bars.
    """

    code: str
    heading: str
    kind: ColumnKind
    width: float
    axis: tuple[str, str, str] = ("0", "50", "100")


@dataclass(frozen=True)
class Row:
    """``code`` is stable (a question or option code). ``level`` 0 = total or group, 1 = plain."""

    code: str
    cells: tuple[Cell, ...]
    level: int = 1


@dataclass(frozen=True)
class Legend:
    """Labels of a Likert bar's levels, worst first."""

    labels: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """``description`` is one sentence saying what the table or chart shows.

    ``short_title`` (at most 31 characters) names it where space is scarce: a tab in Excel.
    """

    code: str
    caption: str
    description: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    legend: Legend | None = None
    short_title: str = ""

    @property
    def figure_columns(self) -> tuple[tuple[int, Column], ...]:
        """Place and column of everything but drawings: what a data file holds."""
        return tuple(
            (place, column)
            for place, column in enumerate(self.columns)
            if column.kind is not ColumnKind.DRAWING
        )


@dataclass(frozen=True)
class KeyFigure:
    """One headline number. ``code`` is stable; ``note`` says what the number counts."""

    label: str
    cell: Cell
    interval: Interval | None = None
    note: str = ""
    code: str = ""


@dataclass(frozen=True)
class KeyFigures:
    code: str
    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True)
class Paragraphs:
    """Plain prose, one string a paragraph; a caution is set apart so that it is not missed."""

    texts: tuple[str, ...]
    is_caution: bool = False


@dataclass(frozen=True)
class Facts:
    """Label and value pairs: the method note, unless ``title`` says otherwise."""

    code: str
    pairs: tuple[tuple[str, str], ...]
    title: str = "Ghi chú phương pháp"
    short_title: str = "Phương pháp"


@dataclass(frozen=True)
class Quotes:
    """Citizens' own words, never markup."""

    code: str
    texts: tuple[str, ...]


Block = KeyFigures | Table | Paragraphs | Facts | Quotes


@dataclass(frozen=True)
class Chapter:
    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Letterhead:
    """The administrative frame of an official paper (NĐ 30/2020/NĐ-CP).

    ``signer_title`` may have several lines ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH").
    """

    parent_agency: str
    agency: str
    place: str
    dated: date
    symbol: str  # "BC-UBND": what stands after "Số:      /"
    signer_title: str
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """One unit's document in one survey. ``file_stem`` has no marks and no spaces; ``kind`` is
    what sort of paper it calls itself."""

    title: str
    subtitle: str
    letterhead: Letterhead
    chapters: tuple[Chapter, ...]
    data_until: date
    is_demo: bool
    file_stem: str
    source: str = ""  # survey, questionnaire version and fingerprint, for metadata
    kind: str = "Báo cáo"
    dated: str = "Số liệu tính đến"  # what happened on the day of ``data_until``

    @property
    def blocks(self) -> Iterator[Block]:
        """Every block of every chapter, in reading order."""
        return (block for chapter in self.chapters for block in chapter.blocks)

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))

    def table(self, code: str) -> Table:
        """The table with this code; KeyError when the report has none."""
        for table in self.tables:
            if table.code == code:
                return table
        raise KeyError(code)
