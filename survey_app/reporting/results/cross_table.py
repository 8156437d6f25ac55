"""A cross table of two questions → Report: counts and row shares, small groups protected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from survey_app.estimation.comparison.independence import (
    MOST_SMALL,
    SMALL_EXPECTED,
    IndependenceTest,
)
from survey_app.estimation.disclosure.cross_tables import Outcome, ProtectedTable
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import Reason
from survey_app.i18n import format_date, format_number
from survey_app.questionnaire.definition import Question, Scale
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.subjects import SurveySubject, UnitSubject
from survey_app.reporting.report import (
    Block,
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    Legend,
    Letterhead,
    LikertBar,
    Paragraphs,
    Percent,
    Report,
    Row,
    Table,
    Withheld,
)
from survey_app.text import clean_line, file_stem

TEXT, COUNT, PERCENT = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.PERCENT
DRAWING = ColumnKind.DRAWING

NO_ANSWER = "Không trả lời, không áp dụng"
SIGNIFICANCE = 0.05
HIDDEN = f"“{formats.reason(Reason.SUPPRESSED)}”"
PROTECTION = (
    f"Ô ghi {HIDDEN} được ẩn để bảo vệ nhóm nhỏ: ô có từ 1 đến {MINIMUM_BASE - 1} người, nhóm quá "
    "nhỏ để chia tiếp, và những ô khác nếu không ẩn thì có thể tính ngược ra."
)
WITHHELD = (
    "Cả bảng được ẩn để bảo vệ nhóm nhỏ: chỉ cần nêu một ô bất kỳ là có thể suy ra câu trả lời của "
    "một vài người."
)


class NoTable(StrEnum):
    """Why two questions are not crossed."""

    TOO_FEW = auto()  # sheets
    FOLLOWS = auto()  # one question is asked after answers to the other only
    TOLD_BY_INDICES = auto()  # an index of the report can be solved for this very table
    VERSIONS = auto()  # not all sheets of the period are of versions that can be pooled
    ROWS_HIDDEN = auto()  # the report does not tell how many answered the question
    COLUMNS_HIDDEN = auto()


_NO_TABLE = {
    NoTable.TOO_FEW: (
        f"Chưa đủ phiếu: đơn vị có dưới {MINIMUM_BASE} phiếu, nên không lập bảng chéo, nhằm bảo "
        "đảm không nhận ra được người trả lời."
    ),
    NoTable.FOLLOWS: (
        "Không lập được bảng chéo: một trong hai câu chỉ hỏi tiếp người đã chọn một số phương án "
        "của câu kia, nên bảng không cho biết thêm điều gì ngoài kết quả của từng câu."
    ),
    NoTable.VERSIONS: (
        "Không lập được bảng chéo: bộ câu hỏi đã được chuyển sang phiên bản khác trong kỳ, và một "
        "trong hai câu không so sánh được giữa các phiên bản."
    ),
    NoTable.TOLD_BY_INDICES: (
        "Không lập được bảng chéo: có quá ít tiêu chí, nên từ các chỉ số trong báo cáo của đơn vị "
        "có thể tính ngược ra ô bị ẩn."
    ),
}
_HIDDEN_BASE = (
    "Không lập được bảng chéo: báo cáo của đơn vị không nêu số người trả lời câu hỏi “{}” để bảo "
    "vệ nhóm nhỏ, nên bảng này cũng không nêu."
)


@dataclass(frozen=True)
class CrossTable:
    """One unit's sheets by two questions.

    ``table``: the protected counts; rows and columns are the questions' choices in order, then
    those without an answer to the question. None where nothing may be counted, and ``why``.
    ``test``: of the rows without a hidden cell, ``tested`` of them.
    """

    unit: UnitSubject
    survey: SurveySubject
    rows: Question
    columns: Question
    data_until: date
    table: ProtectedTable | None
    why: NoTable | None = None
    test: IndependenceTest | None = None
    tested: int = 0

    @property
    def is_withheld(self) -> bool:
        return self.table is None or self.table.outcome is Outcome.WITHHELD


def compose_cross_table(found: CrossTable, *, dated: date) -> Report:
    """The document of a cross table, dated ``dated``, for page, Excel and JSON."""
    survey, unit = found.survey, found.unit
    period = f"{format_date(survey.starts_on)}–{format_date(survey.ends_on)}"
    stem = "_".join(file_stem(q.code) for q in (found.rows, found.columns))
    return Report(
        title=f"Bảng chéo tại {wording.in_a_sentence(unit.name)}",
        subtitle=f"{clean_line(survey.title)} ({period})",
        letterhead=Letterhead("", clean_line(unit.agency), "", dated, "", "", ()),
        chapters=(
            Chapter("overall", "Kết quả", tuple(_blocks(found))),
            Chapter("method", "Ghi chú phương pháp", (Facts("method", tuple(_facts(found))),)),
        ),
        data_until=found.data_until,
        is_demo=survey.is_demo,
        file_stem=f"BangCheo_{file_stem(unit.name)}_{file_stem(survey.code)}_{stem}",
        source=survey.source,
    )


def _blocks(found: CrossTable) -> Iterator[Block]:
    yield Paragraphs(
        (
            f"Dòng: “{wording.said(found.rows.text)}”. Cột: “{wording.said(found.columns.text)}”.",
            *filter(None, (wording.provisional(found.survey),)),
        )
    )
    if found.table is None or found.is_withheld:
        yield Paragraphs((no_table_sentence(found),), is_caution=True)
        return
    if found.table.outcome is Outcome.PROTECTED:
        yield Paragraphs((PROTECTION,), is_caution=True)
    yield _counts(found, found.table)
    yield _shares(found, found.table)
    yield Paragraphs((independence_sentence(found),))


# ── tables ────────────────────────────────────────────────────────────────────────────────────


def _counts(found: CrossTable, table: ProtectedTable) -> Table:
    """Counts with margins: those of the one-way tables of the two questions."""
    width = 70 / (len(found.columns.choices) + 2)
    columns = (
        Column("row", wording.said(found.rows.text), TEXT, 30),
        *(
            Column(f"count_{o.code}", wording.said(o.label), COUNT, width)
            for o in found.columns.choices
        ),
        Column("count_none", NO_ANSWER, COUNT, width),
        Column("total", "Tổng số", COUNT, width),
    )
    lines = zip(_row_labels(found), table.cells, table.row_totals, strict=True)
    rows = [
        Row(code, (label, *map(tables.hidden_or, cells), tables.hidden_or(total)))
        for (code, label), cells, total in lines
    ]
    margins = (*map(tables.hidden_or, table.column_totals), table.total)
    return Table(
        "cross_counts",
        "Số phiếu theo hai câu hỏi",
        "Mỗi phiếu đếm ở một ô; dòng và cột tổng là kết quả của từng câu hỏi trong báo cáo của "
        "đơn vị.",
        columns,
        (*rows, Row("total", ("Tổng số", *margins), level=0)),
        short_title="Số phiếu",
    )


def _row_labels(found: CrossTable) -> Iterator[tuple[str, str]]:
    yield from ((o.code, wording.said(o.label)) for o in found.rows.choices)
    yield "none", NO_ANSWER


def _shares(found: CrossTable, table: ProtectedTable) -> Table:
    """Of those who answered both questions, how each row divides; drawn where all is shown."""
    labels = [*_row_labels(found)][:-1]
    every = _Shares(_answered(table), None)
    lines = [
        _Shares(cells[:-1], _less(total, cells[-1]))
        for cells, total in zip(table.cells, table.row_totals, strict=True)
    ][:-1]
    scale = found.columns.scale
    is_drawn = scale is not None and any(line.is_whole for line in (*lines, every))
    width = (62 if is_drawn else 88) / (len(found.columns.choices) + 2)
    columns = (
        Column("row", wording.said(found.rows.text), TEXT, 24),
        *((Column("chart", "Phân bố câu trả lời", DRAWING, 26),) if is_drawn else ()),
        *(
            Column(f"share_{o.code}", wording.said(o.label), PERCENT, width)
            for o in found.columns.choices
        ),
        Column("n", "Số người trả lời cả hai câu", COUNT, width),
    )

    def row(code: str, label: str, line: "_Shares", level: int = 1) -> Row:
        bar = (line.bar(_satisfied_from(scale)),) if is_drawn and scale else ()
        return Row(code, (label, *bar, *line.shares, line.base), level)

    rows = [row(*label, line) for label, line in zip(labels, lines, strict=True)]
    return Table(
        "cross_shares",
        "Tỷ lệ theo dòng",
        "Mỗi dòng cộng lại bằng 100%, tính trên người trả lời cả hai câu hỏi."
        + (" Thanh chỉ vẽ cho dòng không có ô ẩn." if is_drawn else ""),
        columns,
        (*rows, row("all", "Tất cả", every, 0)),
        Legend(tuple(wording.said(o.label) for o in found.columns.choices)) if is_drawn else None,
        short_title="Tỷ lệ theo dòng",
    )


class _Shares:
    """One line of shares: what follows from the counts that are shown, and no more."""

    def __init__(self, counts: Sequence[int | None], base: int | None) -> None:
        """``base``: those who answered both questions, None where some number of it is hidden."""
        shown = [count for count in counts if count is not None]
        self.counts = counts
        self.is_whole = len(shown) == len(counts) and sum(shown) > 0
        self.known = sum(shown) if len(shown) == len(counts) else base

    @property
    def base(self) -> Cell:
        return tables.hidden_or(self.known)

    @property
    def shares(self) -> tuple[Cell, ...]:
        return tuple(self._share(count) for count in self.counts)

    def _share(self, count: int | None) -> Cell:
        if self.known == 0:
            return None
        if count is None or self.known is None:
            return Withheld(Reason.SUPPRESSED)
        return Percent(count / self.known)

    def bar(self, satisfied_from: int) -> Cell:
        """The line drawn, where no cell of it is hidden."""
        if not self.is_whole or not self.known:
            return None
        return LikertBar(tuple((c or 0) / self.known for c in self.counts), satisfied_from)


def _satisfied_from(scale: Scale) -> int:
    """The first level that counts as satisfied."""
    levels = range(len(scale.levels))
    return next((k for k in levels if scale.levels[k].code in scale.satisfied), len(levels))


def _answered(table: ProtectedTable) -> list[int | None]:
    """The column totals without those who did not answer the question of the rows."""
    pairs = zip(table.column_totals[:-1], table.cells[-1][:-1], strict=True)
    return [_less(total, left) for total, left in pairs]


def _less(total: int | None, left: int | None) -> int | None:
    return None if total is None or left is None else total - left


# ── words ─────────────────────────────────────────────────────────────────────────────────────


def no_table_sentence(found: CrossTable) -> str:
    """Why nothing is shown."""
    match found.why:
        case None:
            return WITHHELD
        case NoTable.ROWS_HIDDEN:
            return _HIDDEN_BASE.format(wording.said(found.rows.text))
        case NoTable.COLUMNS_HIDDEN:
            return _HIDDEN_BASE.format(wording.said(found.columns.text))
        case why:
            return _NO_TABLE[why]


def independence_sentence(found: CrossTable) -> str:
    """Pearson's test in one sentence, or why it is not given."""
    test, all_rows = found.test, len(found.rows.choices)
    if test is None:
        return (
            "Không nêu kiểm định: cần ít nhất hai dòng không có ô ẩn, với ít nhất hai phương án có "
            "người chọn; kiểm định tính cả trên ô ẩn có thể làm lộ ô đó."
        )
    on = "" if found.tested == all_rows else f", chỉ trên {found.tested} dòng không có ô ẩn"
    if not test.is_reliable:
        return (
            f"Không nêu kết quả kiểm định{on}: {test.small_cells} trong {test.cells} ô có số kỳ "
            f"vọng dưới {SMALL_EXPECTED:.0f} (nhỏ nhất {format_number(test.smallest_expected, 1)}),"
            f" vượt quy tắc Cochran (nhiều nhất {formats.percent(MOST_SMALL, 0)} số ô, không ô nào "
            "dưới 1), nên giá trị p không đáng tin."
        )
    verdict = (
        "câu trả lời giữa các dòng khác nhau có ý nghĩa thống kê; đây là mối liên hệ, chưa phải "
        "quan hệ nhân quả"
        if test.p_value < SIGNIFICANCE
        else "chưa đủ cơ sở để nói câu trả lời giữa các dòng khác nhau"
    )
    p_text = formats.p_in_a_sentence(test.p_value)
    return (
        f"Kiểm định khi bình phương Pearson{on}: χ² = {format_number(test.statistic, 2)}, "
        f"{test.df} bậc tự do, n = {formats.count(test.n)}, {p_text}, V của Cramér = "
        f"{format_number(test.cramers_v, 2)}: {verdict}."
    )


def _facts(found: CrossTable) -> Iterator[tuple[str, str]]:
    survey = found.survey
    yield "Cuộc khảo sát", f"{clean_line(survey.title)} (mã {survey.code})"
    yield wording.version(survey)
    yield "Câu hỏi ở dòng", f"{wording.said(found.rows.text)} ({found.rows.code})"
    yield "Câu hỏi ở cột", f"{wording.said(found.columns.text)} ({found.columns.code})"
    yield (
        "Bảo vệ nhóm nhỏ",
        f"ẩn ô có từ 1 đến {MINIMUM_BASE - 1} người; không chia tiếp dòng, cột có tổng bị ẩn hoặc "
        f"dưới {MINIMUM_BASE} người; ẩn thêm ô khác cho đến khi từ các tổng đã nêu không thể tính "
        f"ra ô ẩn chính xác hơn một khoảng rộng {MINIMUM_BASE} người (hoặc khoảng mà riêng các "
        "tổng đã cho biết, nếu hẹp hơn). Dòng, cột “Không trả lời, không áp dụng” không phải là "
        "một nhóm người nên chỉ ẩn khi cần để bảo vệ ô khác. Cách bảo vệ này xét từng bảng; không "
        "ghép nhiều bảng chéo của cùng những người trả lời để tìm ra cá nhân",
    )
    yield (
        "Kiểm định",
        "khi bình phương Pearson, không hiệu chỉnh liên tục, không hiệu chỉnh tổng thể hữu hạn; "
        "chỉ tính từ những dòng không có ô ẩn, nên không cho biết thêm điều gì về ô ẩn; quy tắc "
        "Cochran (1954) về số kỳ vọng nhỏ",
    )
    if found.table is None or found.is_withheld:
        yield "Tình trạng", no_table_sentence(found)
    else:
        yield "Kết quả kiểm định", independence_sentence(found)
    yield "Ngày chốt số liệu", format_date(found.data_until)
