"""The chapter that compares: with the period before, over the periods, with the block."""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from survey_app.estimation.comparison.change import Change
from survey_app.i18n import format_date
from survey_app.questionnaire.comparability import Break
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.periods import (
    ChangeFigures,
    Omission,
    Omitted,
    PeriodComparison,
    TrendPoint,
)
from survey_app.reporting.figures.satisfaction import OverallFigures
from survey_app.reporting.figures.several_units import Weighting
from survey_app.reporting.figures.subjects import SurveySubject
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import (
    Block,
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Paragraphs,
    Points,
    PointsBar,
    PointsInterval,
    PValue,
    Row,
    Table,
)
from survey_app.reporting.results import block_standing, boundaries
from survey_app.text import clean_line

BREAKS = {
    Break.ADDED: "kỳ trước chưa có",
    Break.MEANING: "mã câu hỏi đã dùng cho nội dung khác",
    Break.WORDING: "câu hỏi đã đổi lời",
    Break.SCALE: "thang trả lời đã đổi",
    Break.OPTIONS: "các phương án trả lời đã đổi",
    Break.AUDIENCE: "đối tượng được hỏi đã đổi",
    Break.CRITERIA: "bộ tiêu chí đã đổi",
    Break.METHOD: "cách tính đã đổi",
    Break.WEIGHTING: "trọng số của các đơn vị đã đổi",
    Break.TERRITORY: "địa bàn được khảo sát đã đổi",
}
OMISSIONS = {
    Omission.OVERLAP: "hai cuộc có thời gian khảo sát chồng lên nhau",
    Omission.TRIAL: "một trong hai cuộc là dữ liệu trình diễn",
    Omission.FEW_SHEETS: "cuộc đó không đủ phiếu để nêu số liệu",
    Omission.FEW_UNITS: "có dưới hai đơn vị đủ phiếu ở cả hai cuộc",
}
#: The ends of a column of differences are rounded up to a multiple of this (10 points).
_STEP = 0.1
#: So many criteria are named where a series breaks, for each reason.
_MOST_NAMED = 3


def comparison(figures: UnitFigures, whole: OverallFigures) -> Chapter | None:
    """The chapter, or None where there is nothing to compare with."""
    omitted = tuple(_omitted(item) for item in figures.omitted)
    passed_over = [Paragraphs(omitted)] if omitted else []
    blocks = [*passed_over, *_periods(figures), *block_standing.blocks(figures, whole)]
    return Chapter("comparison", "So sánh", tuple(blocks)) if blocks else None


def change_sentence(figures: UnitFigures) -> str | None:
    """What the comparison with the period before says of the overall index, or why nothing."""
    previous = figures.previous
    if previous is None:
        return None
    row, since = previous.index, f"So với kỳ trước ({_named(previous)})"
    if row.change is None:
        continuing = _continuing(previous) if row.broken else ""
        return f"{since}, chỉ số chung không so sánh được: {_why_not(row)}.{continuing}"
    basis = ""
    if previous.criteria_compared < previous.criteria_asked:
        basis = (
            f" So sánh trên {previous.criteria_compared} trong số {previous.criteria_asked} tiêu "
            "chí có đủ câu trả lời ở cả hai kỳ."
        )
    said = _said(row, row.change)
    return f"{since}, chỉ số chung {said}.{basis}{_other_basis(figures, previous)}"


def _said(row: ChangeFigures, change: Change) -> str:
    """A change with its interval, its p-value and what follows from them."""
    value = change.value
    direction = "không đổi" if value == 0 else "tăng" if value > 0 else "giảm"
    amount = "" if value == 0 else f" {formats.percent_number(abs(value))} điểm %"
    level = formats.confidence_level(change.confidence)
    bounds = formats.points_interval(change.low, change.high)
    verdict = (
        f"thay đổi này {wording.SIGNIFICANT}"
        if row.is_significant
        else f"{wording.NOT_SIGNIFICANT}, chưa đủ căn cứ để kết luận là đã thay đổi"
    )
    p_text = "" if row.p_value is None else f"; {formats.p_in_a_sentence(row.p_value)}"
    return f"{direction}{amount} (khoảng tin cậy {level}: {bounds} điểm %{p_text}): {verdict}"


def _continuing(previous: PeriodComparison) -> str:
    """What can be said across a break: the index on the criteria that go on, or why not."""
    row = previous.continuing
    of = f"{previous.criteria_compared} trong số {previous.criteria_asked} tiêu chí"
    if row is None:
        return (
            f" Chỉ {of} là tiếp nối và có đủ câu trả lời ở cả hai kỳ, quá ít để tính một chỉ số "
            "so sánh được."
        )
    if row.change is None:
        return ""
    values = " và ".join(formats.cell(tables.share(part)) for part in (row.earlier, row.later))
    units = ""
    if previous.weighting is not None:
        units = f", ở {_common_units(previous)}"
    return (
        f" Riêng chỉ số trên các tiêu chí tiếp nối ({of}{units}; hai kỳ là {values}, khác chỉ số "
        f"đã công bố) {_said(row, row.change)}."
    )


def _common_units(previous: PeriodComparison) -> str:
    """The units that a joined comparison rests on, and how they count."""
    weights = (
        "mỗi đơn vị tính như nhau"
        if previous.weighting is Weighting.PLAIN
        else "trọng số theo số hồ sơ"
    )
    return f"{formats.count(previous.units)} đơn vị có ở cả hai kỳ, {weights}"


def _other_basis(figures: UnitFigures, previous: PeriodComparison) -> str:
    """Where the comparison rests on other units or weights than the index above it: on which."""
    index = figures.overall.index.value if figures.overall else None
    compared = previous.index.later.value
    if index is None or compared is None or previous.weighting is None:
        return ""
    earlier = tables.share(previous.index.earlier)
    shown = formats.percent(compared)
    if shown == formats.percent(index):
        return ""
    return (
        f" So sánh này tính trên {_common_units(previous)} "
        f"({formats.cell(earlier)} và {shown}), nên khác chỉ số {formats.percent(index)} nêu trên."
    )


def facts(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    """How the chapter's numbers were made."""
    if figures.previous is not None:
        yield (
            "So sánh với kỳ trước",
            f"{_difference_method(figures)}; “có ý nghĩa thống kê” khi p không quá "
            f"{formats.percent(1 - figures.confidence, 0)} sau hiệu chỉnh Holm trong từng nhóm: "
            "chỉ số chung, các yếu tố, các tiêu chí",
        )
        yield (
            "Chuỗi theo kỳ",
            "chuỗi ngắt khi câu hỏi, thang trả lời, đối tượng được hỏi, bộ tiêu chí hoặc cách "
            "tính thay đổi; các kỳ hai bên chỗ ngắt không so sánh với nhau",
        )
        if figures.previous.continuing is not None:
            yield (
                "Chỉ số trên các tiêu chí tiếp nối",
                "tính cả hai kỳ theo cách tính của kỳ này, chỉ trên những tiêu chí còn so sánh "
                "được và có từ 5 câu trả lời ở mỗi kỳ; nêu khi có ít nhất hai tiêu chí như thế và "
                "chúng chiếm ít nhất một nửa số tiêu chí của mỗi kỳ",
            )
        if figures.previous.bridged:
            yield "Đã sửa nhưng vẫn so sánh", _bridges(figures.previous)
    yield from block_standing.facts(figures)


def _bridges(previous: PeriodComparison) -> str:
    """The edits over which the comparison goes on, in whose word that rests."""
    edits = (
        f"“{wording.said(item.label)}” ({BREAKS[item.kind]}"
        + (f"; lý do: {clean_line(item.reason)})" if item.reason else ")")
        for item in previous.bridged
    )
    return f"khi công bố phiên bản mới, người công bố xác nhận so sánh được: {'; '.join(edits)}"


def _difference_method(figures: UnitFigures) -> str:
    if figures.previous and figures.previous.weighting is not None:
        return (
            "các đơn vị có ở cả hai kỳ, trong một thiết kế phân tầng theo kỳ và đơn vị, không hiệu "
            "chỉnh tổng thể hữu hạn; phương sai tuyến tính hóa, khoảng tin cậy và kiểm định t"
        )
    return (
        "hai mẫu độc lập, không hiệu chỉnh tổng thể hữu hạn; khoảng tin cậy của hiệu theo phương "
        "pháp MOVER (Newcombe với tỷ lệ), giá trị p lấy từ chính khoảng đó"
    )


# ── periods ───────────────────────────────────────────────────────────────────────────────────


def _periods(figures: UnitFigures) -> Iterator[Block]:
    if figures.trend:
        yield _trend(figures)
    previous = figures.previous
    if previous is None:
        return
    continuing = () if previous.continuing is None else (previous.continuing,)
    whole = (*previous.factors, previous.index, *continuing)
    yield _changes("changes", "Chỉ số và yếu tố so với kỳ trước", whole, previous, figures)
    caption = "Tỷ lệ hài lòng từng tiêu chí so với kỳ trước"
    yield _changes("changes_criteria", caption, previous.criteria, previous, figures)


def _trend(figures: UnitFigures) -> Table:
    columns = (
        Column("period", "Kỳ khảo sát", ColumnKind.TEXT, 40),
        Column("chart", "Thang 0–100%", ColumnKind.DRAWING, 24),
        Column("index", "Chỉ số", ColumnKind.PERCENT, 11),
        Column("interval", tables.interval_heading(figures.confidence), ColumnKind.INTERVAL, 15),
        Column("n", "Số phiếu", ColumnKind.COUNT, 10),
    )
    return Table(
        "trend",
        "Chỉ số hài lòng chung qua các kỳ",
        "Kỳ gần nhất ở dòng cuối. Thanh ngang là chỉ số; vạch mảnh có hai đầu chặn là khoảng tin "
        f"cậy. Không so sánh qua chỗ ngắt chuỗi{_units_differ(figures)}.{_regrouped(figures)}",
        columns,
        tuple(row for point in figures.trend for row in _trend_rows(point)),
        short_title="Qua các kỳ",
    )


def _units_differ(figures: UnitFigures) -> str:
    if len({point.units for point in figures.trend}) == 1:
        return ""
    return ", và các kỳ không gồm cùng những đơn vị"


def _regrouped(figures: UnitFigures) -> str:
    """The earlier periods in which units of today were others: their numbers are put together."""
    return "".join(
        f" Kỳ {point.survey.code}: {' '.join(boundaries.each(point.regrouped))}"
        for point in figures.trend[:-1]
        if point.regrouped
    )


def _trend_rows(point: TrendPoint) -> Iterator[Row]:
    code, index = point.survey.code, point.index
    if point.broken:
        text = f"Ngắt chuỗi: {BREAKS[point.broken]} từ kỳ dưới đây{_causes(point)}"
        yield Row(f"break_{code}", (text, None, None, None, None), level=0)
    cells = (_period(point), tables.bar(index), tables.share(index), tables.bounds(index))
    yield Row(code, (*cells, point.n))


def _causes(point: TrendPoint) -> str:
    """The criteria for which an index breaks, by reason; the first few of each by name."""
    if point.broken is not Break.CRITERIA:
        return ""
    by_reason: dict[Break, list[str]] = {}
    for label, reason in point.broken_criteria:
        by_reason.setdefault(reason, []).append(f"“{wording.said(label)}”")
    parts = []
    for reason, names in by_reason.items():
        rest = f" và {len(names) - _MOST_NAMED} tiêu chí khác" if len(names) > _MOST_NAMED else ""
        parts.append(f"{BREAKS[reason]}: {', '.join(names[:_MOST_NAMED])}{rest}")
    return f" ({'; '.join(parts)})" if parts else ""


def _changes(
    code: str,
    caption: str,
    rows: Sequence[ChangeFigures],
    previous: PeriodComparison,
    figures: UnitFigures,
) -> Table:
    limit = _limit(rows)
    end = formats.percent_number(limit, 0)
    columns = (
        Column("item", "Nội dung", ColumnKind.TEXT, 26),
        Column("earlier", "Kỳ trước", ColumnKind.PERCENT, 9),
        Column("later", "Kỳ này", ColumnKind.PERCENT, 9),
        Column("chart", "Tăng, giảm", ColumnKind.DRAWING, 14, (f"−{end}", "0", f"+{end}")),
        Column("change", "Chênh lệch, điểm %", ColumnKind.DECIMAL, 9),
        Column("interval", tables.interval_heading(figures.confidence), ColumnKind.INTERVAL, 13),
        Column("p_value", "p (Holm)", ColumnKind.DECIMAL, 8),
        Column("verdict", "Có ý nghĩa thống kê", ColumnKind.TEXT, 12),
    )
    return Table(
        code,
        caption,
        f"Kỳ trước: {_named(previous)}. Chênh lệch là kỳ này trừ kỳ trước; vạch giữa là không "
        "đổi. Dòng có chênh lệch tính trên các câu hỏi so sánh được ở cả hai kỳ; dòng “Không so "
        f"sánh” ghi số đã công bố của từng kỳ. {wording.OWN_INTERVALS}",
        columns,
        tuple(_change_row(row, limit) for row in rows),
        short_title="So với kỳ trước" if code == "changes" else "Tiêu chí, so kỳ trước",
    )


def _change_row(row: ChangeFigures, limit: float) -> Row:
    shares = (tables.share(row.earlier), tables.share(row.later))
    level = 0 if row.code in ("overall", "continuing") else 1
    label = wording.said(row.label)
    if row.change is None:
        blank: tuple[Cell, ...] = (None,) * 4
        return Row(row.code, (label, *shares, *blank, f"Không so sánh: {_why_not(row)}"), level)
    change = row.change
    drawn = PointsBar(change.value, change.low, change.high, limit)
    bounds = PointsInterval(change.low, change.high, change.method, change.confidence)
    p_value = None if row.p_value is None else PValue(row.p_value)
    verdict = "Chưa"
    if row.is_significant:
        verdict = "Có: tăng" if change.value > 0 else "Có: giảm"
    return Row(
        row.code, (label, *shares, drawn, Points(change.value), bounds, p_value, verdict), level
    )


def _limit(rows: Iterable[ChangeFigures]) -> float:
    """The end of the axis: the farthest bound, rounded up."""
    ends = [max(-row.change.low, row.change.high) for row in rows if row.change]
    return min(1.0, max(1, ceil(round(max(ends, default=0.0) / _STEP, 6))) * _STEP)


def _why_not(row: ChangeFigures) -> str:
    if row.broken:
        return BREAKS[row.broken]
    reason = row.later.reason or row.earlier.reason
    return formats.reason(reason) if reason else "không đủ số liệu"


def _omitted(item: Omitted) -> str:
    """Why an earlier survey is not compared with, in one sentence."""
    survey = item.survey
    why = OMISSIONS[item.reason] if isinstance(item.reason, Omission) else BREAKS[item.reason]
    return (
        f"Không so sánh với cuộc khảo sát “{clean_line(survey.title)}” (mã {survey.code}, "
        f"{_dates(survey)}) của cùng bộ câu hỏi: {why}."
    )


def _named(previous: PeriodComparison) -> str:
    period = _dates(previous.earlier)
    return f"mã {previous.earlier.code}, {period}, {formats.count(previous.n)} phiếu"


def _period(point: TrendPoint) -> str:
    units = f", {formats.count(point.units)} đơn vị" if point.units > 1 else ""
    return f"{_dates(point.survey)} (mã {point.survey.code}{units})"


def _dates(survey: SurveySubject) -> str:
    return f"{format_date(survey.starts_on)}–{format_date(survey.ends_on)}"
