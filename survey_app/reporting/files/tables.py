"""Tables of a report on somebody's own file: estimates, intervals by other methods, differences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_app.estimation.comparison.comparisons import holm
from survey_app.estimation.estimate import Interval, IntervalMethod
from survey_app.estimation.plans.plan import Plan
from survey_app.estimation.plans.plan_results import Figure, Figures
from survey_app.reporting import formats, wording
from survey_app.reporting.files import wording as file_wording
from survey_app.reporting.report import (
    Cell,
    Column,
    ColumnKind,
    IntervalBar,
    Number,
    Percent,
    Points,
    PointsBar,
    PointsInterval,
    PValue,
    Row,
    Table,
)
from survey_app.reporting.tables import interval_heading
from survey_app.text import clean_line

TEXT, COUNT, PERCENT = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.PERCENT
INTERVAL, DRAWING, DECIMAL = ColumnKind.INTERVAL, ColumnKind.DRAWING, ColumnKind.DECIMAL

#: Ends that a drawn difference may reach, in proportions.
_LIMITS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
#: Stands where the same row has said already why nothing is there.
_NOTHING = "–"


@dataclass(frozen=True)
class Caption:
    """How a table of estimates is called. ``heading``: of the column with the values."""

    code: str
    title: str
    note: str
    heading: str
    short_title: str


# ── estimates ─────────────────────────────────────────────────────────────────────────────────


def estimates(caption: Caption, confidence: float, rows: Sequence[Row]) -> Table:
    """Value, interval, standard error, design effect and bases, a line for each estimate."""
    columns = (
        Column("name", "Nội dung", TEXT, 22),
        Column("chart", "Thang 0–100%", DRAWING, 15),
        Column("estimate", caption.heading, PERCENT, 10),
        Column("interval", interval_heading(confidence), INTERVAL, 13),
        Column("standard_error", "Sai số chuẩn", PERCENT, 8),
        Column("deff", "Hệ số thiết kế", DECIMAL, 8),
        Column("effective_n", "Cỡ mẫu hiệu dụng", DECIMAL, 8),
        Column("n", "Số người trả lời", COUNT, 8),
        Column("excluded", "Không tính", COUNT, 8),
    )
    return Table(
        caption.code,
        caption.title,
        caption.note,
        columns,
        tuple(rows),
        short_title=caption.short_title,
    )


def heading_row(code: str, label: str) -> Row:
    """A bold line that names what follows."""
    return Row(code, (clean_line(label), *(None,) * 8), level=0)


def estimate_rows(
    figures: Mapping[str, Figure], confidence: float, labels: Mapping[str, str] | None = None
) -> tuple[Row, ...]:
    """A line for each figure, for :func:`estimates`; ``labels``: code to name, else the code."""
    names = labels or {}
    return tuple(
        Row(code, _estimate(clean_line(names.get(code, code)), figure, confidence))
        for code, figure in figures.items()
    )


def _estimate(label: str, figure: Figure, confidence: float) -> tuple[Cell, ...]:
    """A line of estimates; the first thing that is missing says why, the others only that."""
    given = _Gaps(figure)
    low, high = figure.interval or (None, None)
    value = figure.estimate
    return (
        label,
        None if value is None else IntervalBar(value, low, high),
        given(None if value is None else Percent(value)),
        given(interval(figure, confidence)),
        given(None if figure.standard_error is None else Percent(figure.standard_error)),
        given(None if figure.deff is None else Number(figure.deff)),
        given(None if figure.effective_n is None else Number(figure.effective_n, 1)),
        figure.n,
        figure.excluded,
    )


def value(figure: Figure) -> Cell:
    """The estimate, or why there is none."""
    if figure.estimate is None:
        return file_wording.undefined(figure)
    return Percent(figure.estimate)


def interval(figure: Figure, confidence: float) -> Interval | None:
    """The interval of a figure, ends and ``confidence`` in 0..1; None where there is none."""
    if figure.interval is None or figure.method is None:
        return None
    return Interval(*figure.interval, IntervalMethod(figure.method), confidence)


class _Gaps:
    """Fills the gaps of one line: the first says why, the others that there is nothing."""

    def __init__(self, figure: Figure) -> None:
        self._words = iter((file_wording.undefined(figure),))

    def __call__(self, cell: Cell) -> Cell:
        return next(self._words, _NOTHING) if cell is None else cell


def other_intervals(plan: Plan, found: Figures) -> Table:
    """The intervals a plan asks for beside the one that is shown."""
    methods = [name for name in plan.intervals if name != "default"]
    columns = (
        Column("name", "Nội dung", TEXT, 26),
        *(
            Column(name, file_wording.INTERVALS[name], INTERVAL, 74 / len(methods))
            for name in methods
        ),
    )
    named = {file_wording.FORMS[form][0]: figure for form, figure in found.overall.items()}
    rows = (
        Row(name, (clean_line(name), *_intervals(figure, methods, plan.confidence)))
        for part in (named, found.factors, found.questions)
        for name, figure in part.items()
    )
    level = formats.confidence_level(plan.confidence)
    return Table(
        "file_intervals",
        f"Khoảng tin cậy {level} theo các phương pháp khác",
        "Nêu để đối chiếu với khoảng tin cậy dùng trong báo cáo.",
        columns,
        tuple(rows),
        short_title="Khoảng tin cậy khác",
    )


def _intervals(figure: Figure, methods: Sequence[str], confidence: float) -> Iterator[Cell]:
    given = _Gaps(figure)
    for name in methods:
        found = figure.intervals.get(name)
        yield given(Interval(*found, IntervalMethod(name), confidence) if found else None)


# ── differences ───────────────────────────────────────────────────────────────────────────────


def differences(plan: Plan, found: Figures) -> tuple[Table, ...]:
    """The differences of the indices, the factors and the questions."""
    named = {file_wording.FORMS[form][0]: figure for form, figure in found.overall.items()}
    limit = _limit([*named.values(), *found.factors.values(), *found.questions.values()])
    return (
        _overall_differences(plan, named, limit),
        _family("factors", "yếu tố", plan, found.factors, limit),
        _family("questions", "câu hỏi", plan, found.questions, limit),
    )


def _overall_differences(plan: Plan, figures: Mapping[str, Figure], limit: float) -> Table:
    rows = [
        Row(name, (*_difference(name, figure, plan, limit), _verdict(figure.p_value, plan)))
        for name, figure in figures.items()
    ]
    return Table(
        "file_compare_overall",
        "Chênh lệch của chỉ số chung",
        "Ba cách gộp của cùng một chỉ số; kết luận của mỗi cách dựa vào giá trị p của nó.",
        (*_difference_columns(plan, limit, 25, 15), Column("verdict", "Kết luận", TEXT, 24)),
        tuple(rows),
        short_title="So sánh chỉ số chung",
    )


def _family(code: str, what: str, plan: Plan, figures: Mapping[str, Figure], limit: float) -> Table:
    """Differences that are read together: verdicts after Holm's adjustment for all of them."""
    adjusted = holm([figure.p_value for figure in figures.values()])
    rows = [
        Row(
            name,
            (
                *_difference(name, figure, plan, limit),
                _NOTHING if p is None else PValue(p),
                _verdict(p, plan),
            ),
        )
        for (name, figure), p in zip(figures.items(), adjusted, strict=True)
    ]
    tested = sum(p is not None for p in adjusted)
    return Table(
        f"file_compare_{code}",
        f"Chênh lệch của các {what}",
        f"Giá trị p (Holm) đã hiệu chỉnh cho {tested} {what} được so sánh cùng lúc; kết luận dựa "
        "vào giá trị này.",
        (
            *_difference_columns(plan, limit, 20, 11),
            Column("p_holm", "Giá trị p (Holm)", DECIMAL, 9),
            Column("verdict", "Kết luận", TEXT, 24),
        ),
        tuple(rows),
        short_title=f"So sánh {what}",
    )


def _limit(figures: Sequence[Figure]) -> float:
    """The shortest axis that holds every difference with its interval."""
    ends = [abs(end) for figure in figures for end in (figure.interval or ())]
    ends += [abs(figure.estimate) for figure in figures if figure.estimate is not None]
    return next((limit for limit in _LIMITS if max(ends, default=0.0) <= limit), 1.0)


def _difference_columns(plan: Plan, limit: float, name: float, chart: float) -> tuple[Column, ...]:
    """``name``, ``chart``: the widths of the first two (percent)."""
    end = formats.percent_number(limit, 0)
    return (
        Column("name", "Nội dung", TEXT, name),
        Column("chart", "Điểm %", DRAWING, chart, (f"−{end}", "0", f"+{end}")),
        Column("difference", "Chênh lệch (điểm %)", DECIMAL, 12),
        Column("interval", f"{interval_heading(plan.confidence)} (điểm %)", INTERVAL, 15),
        Column("p_value", "Giá trị p", DECIMAL, 9),
    )


def _difference(name: str, figure: Figure, plan: Plan, limit: float) -> tuple[Cell, ...]:
    given = _Gaps(figure)
    low, high = figure.interval or (None, None)
    found = figure.estimate
    bounds = None
    if figure.interval and figure.method:
        method = IntervalMethod(figure.method)
        bounds = PointsInterval(*figure.interval, method, plan.confidence)
    return (
        clean_line(name),
        None if found is None else PointsBar(found, low, high, limit),
        given(None if found is None else Points(found)),
        given(bounds),
        given(None if figure.p_value is None else PValue(figure.p_value)),
    )


def _verdict(p_value: float | None, plan: Plan) -> str:
    if p_value is None:
        return _NOTHING
    is_clear = p_value <= 1 - plan.confidence
    return wording.SIGNIFICANT if is_clear else wording.NOT_SIGNIFICANT
