"""Tables from figures: which columns stand side by side, and what each cell holds."""

from collections.abc import Callable, Iterable, Sequence

from survey_app.estimation.estimate import Estimate, Reason
from survey_app.questionnaire.definition import ItemRule, QuestionKind, RollUp, Scale
from survey_app.reporting import formats, wording
from survey_app.reporting.figures import (
    ChoiceCount,
    ChoiceFigures,
    CriterionFigures,
    FactorFigures,
    OverallFigures,
    UnitFigures,
)
from survey_app.reporting.report import (
    Cell,
    Column,
    ColumnKind,
    IntervalBar,
    Legend,
    LikertBar,
    Percent,
    Row,
    Table,
    Withheld,
)

TEXT, COUNT, PERCENT = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.PERCENT
INTERVAL, DRAWING = ColumnKind.INTERVAL, ColumnKind.DRAWING


def share(estimate: Estimate) -> Cell:
    """The value, or why there is none."""
    if estimate.value is None:
        return Withheld(estimate.reason or Reason.NO_ANSWER)
    return Percent(estimate.value)


def bounds(estimate: Estimate) -> Cell:
    """The interval; where a value stands alone, why it has none."""
    if estimate.interval is not None or estimate.value is None:
        return estimate.interval
    return Withheld(estimate.reason) if estimate.reason else None


def bar(estimate: Estimate) -> Cell:
    """The value and its whisker, drawn."""
    if estimate.value is None:
        return None
    if estimate.interval is None:
        return IntervalBar(estimate.value)
    return IntervalBar(estimate.value, estimate.interval.low, estimate.interval.high)


def hidden_or(count: int | None) -> Cell:
    return Withheld(Reason.SUPPRESSED) if count is None else count


def interval_heading(confidence: float) -> str:
    return f"Khoảng tin cậy {formats.confidence_level(confidence)}"


def modes(figures: UnitFigures) -> Table:
    """Sheets by mode of collection."""
    columns = (
        Column("mode", "Hình thức trả lời", TEXT, 60),
        Column("n", "Số phiếu", COUNT, 20),
        Column("share", "Tỷ lệ", PERCENT, 20),
    )
    rows = [
        Row(code, (wording.mode(code), hidden_or(number), _part(number, figures.n)))
        for code, number in figures.by_mode.items()
    ]
    total = Row("total", ("Tổng số phiếu", figures.n, _part(figures.n, figures.n)), level=0)
    return Table(
        "modes",
        "Phiếu trả lời theo hình thức",
        "Số phiếu nhận được theo từng hình thức trả lời.",
        columns,
        (*rows, total),
        short_title="Hình thức trả lời",
    )


def _part(number: int | None, whole: int) -> Cell:
    if number is None:
        return Withheld(Reason.SUPPRESSED)
    return Percent(number / whole) if whole else None


def factors(figures: UnitFigures, overall: OverallFigures) -> Table:
    """The index of each factor and of the whole, drawn with intervals."""
    top2 = figures.questionnaire.scoring.item is ItemRule.TOP2
    columns = [
        Column("factor", "Yếu tố", TEXT, 29 if top2 else 37),
        Column("chart", "Thang 0–100%", DRAWING, 25 if top2 else 28),
        Column("index", "Chỉ số", PERCENT, 11),
        Column("interval", interval_heading(figures.confidence), INTERVAL, 15),
        Column("mean", "Điểm bình quân", PERCENT, 11),
        Column("n", "Số người trả lời", COUNT, 9),
    ]
    rows = [_factor_row(place, f) for place, f in enumerate(figures.factors, 1)]
    rows.append(_estimate_row("overall", "Chỉ số chung", overall.index, overall.mean, 0))
    if not top2:  # the index is the mean already
        columns = [c for c in columns if c.code != "mean"]
        rows = [Row(r.code, r.cells[:4] + r.cells[5:], r.level) for r in rows]
    return Table(
        "factors",
        "Chỉ số hài lòng theo yếu tố",
        "Thanh ngang là chỉ số; vạch mảnh có hai đầu chặn là khoảng tin cậy.",
        tuple(columns),
        tuple(rows),
        short_title="Yếu tố",
    )


def _factor_row(place: int, factor: FactorFigures) -> Row:
    label = f"{place}. {wording.said(factor.section.title)}"
    return _estimate_row(factor.section.code, label, factor.index, factor.mean, 1)


def _estimate_row(code: str, label: str, index: Estimate, mean: Estimate, level: int) -> Row:
    cells = (label, bar(index), share(index), bounds(index), share(mean), index.n)
    return Row(code, cells, level)


def scales(figures: UnitFigures) -> tuple[Scale, ...]:
    """The scales of the criteria, each once, in order."""
    found = {
        c.question.scale.code: c.question.scale
        for f in figures.factors
        for c in f.criteria
        if c.question.scale
    }
    return tuple(found.values())


def levels(figures: UnitFigures, scale: Scale, suffix: str) -> Table:
    """The distribution of answers to each criterion, drawn as stacked bars."""
    columns = (
        Column("criterion", "Tiêu chí", TEXT, 45),
        Column("chart", "Phân bố câu trả lời", DRAWING, 36),
        Column("satisfied", "Tỷ lệ hài lòng", PERCENT, 11),
        Column("n", "Số câu trả lời", COUNT, 8),
    )
    satisfied_from = _satisfied_from(scale)

    def criterion_row(label: str, c: CriterionFigures) -> Row:
        shown = c.satisfied.value is not None
        drawn = LikertBar(c.tally.shares, satisfied_from) if shown else None
        n = c.tally.n if shown else c.satisfied.n
        return Row(c.question.code, (label, drawn, share(c.satisfied), n))

    def factor_row(label: str, f: FactorFigures) -> Row:
        return Row(f.section.code, (label, None, None, None), level=0)

    return Table(
        f"levels{suffix}",
        "Phân bố câu trả lời theo tiêu chí",
        "Mỗi thanh chia theo tỷ lệ các mức, từ mức thấp nhất (đậm) đến mức cao nhất (nhạt); "
        "vạch đứng đánh dấu nơi bắt đầu các mức hài lòng.",
        columns,
        _by_factor(figures, scale, factor_row, criterion_row),
        Legend(tuple(wording.said(o.label) for o in scale.levels)),
        short_title=f"Phân bố{suffix}",
    )


def _satisfied_from(scale: Scale) -> int:
    codes = [o.code in scale.satisfied for o in scale.levels]
    return codes.index(True) if True in codes else len(codes)


def _by_factor(
    figures: UnitFigures,
    scale: Scale,
    factor_row: Callable[[str, FactorFigures], Row],
    criterion_row: Callable[[str, CriterionFigures], Row],
) -> tuple[Row, ...]:
    rows: list[Row] = []
    for i, factor in enumerate(figures.factors, 1):
        chosen = [(j, c) for j, c in enumerate(factor.criteria, 1) if c.question.scale == scale]
        if chosen:
            rows.append(factor_row(f"{i}. {wording.said(factor.section.title)}", factor))
        rows += [criterion_row(f"{i}.{j}. {wording.said(c.question.text)}", c) for j, c in chosen]
    return tuple(rows)


def criteria(figures: UnitFigures, scale: Scale, suffix: str) -> Table:
    """Every criterion in full: counts by level, base, excluded, share, interval and mean."""
    width = 29.0 / len(scale.levels)
    level_columns = [
        Column(f"level_{o.code}", wording.said(o.label), COUNT, width) for o in scale.levels
    ]
    columns = (
        Column("criterion", "Tiêu chí", TEXT, 28),
        *level_columns,
        Column("n", "Số câu trả lời", COUNT, 6.5),
        Column("excluded", "Không tính", COUNT, 6.5),
        Column("satisfied", "Tỷ lệ hài lòng", PERCENT, 9),
        Column("interval", interval_heading(figures.confidence), INTERVAL, 12),
        Column("mean", "Điểm bình quân", PERCENT, 9),
    )
    blank: tuple[Cell, ...] = (None,) * (len(scale.levels) + 2)

    def factor_row(label: str, f: FactorFigures) -> Row:
        figures_of_factor = (share(f.index), bounds(f.index), share(f.mean))
        return Row(f.section.code, (label, *blank, *figures_of_factor), level=0)

    def criterion_row(label: str, c: CriterionFigures) -> Row:
        counts = (label, *_counts(c, len(scale.levels)))
        return Row(
            c.question.code, (*counts, share(c.satisfied), bounds(c.satisfied), share(c.mean))
        )

    return Table(
        f"criteria{suffix}",
        "Kết quả chi tiết theo tiêu chí",
        "Số câu trả lời theo từng mức; “Không tính” gồm câu trả lời không áp dụng và câu bỏ "
        "trống; dòng đậm là chỉ số của yếu tố.",
        columns,
        _by_factor(figures, scale, factor_row, criterion_row),
        short_title=f"Tiêu chí{suffix}",
    )


def _counts(criterion: CriterionFigures, size: int) -> tuple[Cell, ...]:
    """Counts by level, base and excluded; the levels stay hidden where the share is hidden."""
    hidden = criterion.satisfied.reason in (Reason.TOO_FEW, Reason.SUPPRESSED)
    if hidden:
        return (*(None,) * size, Withheld(criterion.satisfied.reason or Reason.SUPPRESSED), None)
    tally = criterion.tally
    return (*tally.levels, tally.n, tally.excluded)


def choices(code: str, title: str, questions: Sequence[ChoiceFigures], confidence: float) -> Table:
    """Choice questions of one kind: a bold line for each question, a line for each option."""
    columns = (
        Column("option", "Câu hỏi và phương án trả lời", TEXT, 40),
        Column("chart", "Thang 0–100%", DRAWING, 22),
        Column("n", "Số người", COUNT, 9),
        Column("share", "Tỷ lệ", PERCENT, 12),
        Column("interval", interval_heading(confidence), INTERVAL, 17),
    )
    several = any(q.question.kind is QuestionKind.MULTIPLE for q in questions)
    note = f" {wording.MULTIPLE_CHOICE}" if several else ""
    return Table(
        code,
        title,
        f"Tỷ lệ tính trên số người trả lời câu hỏi.{note}",
        columns,
        tuple(row for q in questions for row in _question_rows(q)),
        short_title=title,
    )


def _question_rows(figures: ChoiceFigures) -> Iterable[Row]:
    question = figures.question
    yield Row(question.code, (wording.said(question.text), None, figures.n, None, None), level=0)
    for choice in figures.choices:
        yield _choice_row(question.code, choice)


def _choice_row(question: str, choice: ChoiceCount) -> Row:
    label = wording.said(choice.option.label)
    estimate = choice.estimate
    if choice.count is None:
        hidden = Withheld(estimate.reason or Reason.SUPPRESSED)
        return Row(f"{question}.{choice.option.code}", (label, None, hidden, None, None))
    cells = (label, bar(estimate), choice.count, share(estimate), bounds(estimate))
    return Row(f"{question}.{choice.option.code}", cells)


def roll_ups(figures: UnitFigures, overall: OverallFigures) -> Table:
    """The overall index by every roll-up and both item rules, the chosen one in bold."""
    heading = interval_heading(figures.confidence)
    item = figures.questionnaire.scoring.item
    columns = [
        Column("roll_up", "Cách gộp", TEXT, 36),
        Column("index", wording.ITEM_RULES[item], PERCENT, 14),
        Column("index_interval", heading, INTERVAL, 18),
        Column("mean", wording.ITEM_RULES[ItemRule.MEAN], PERCENT, 14),
        Column("mean_interval", heading, INTERVAL, 18),
    ]
    rows = [_roll_up_row(rule, overall) for rule in RollUp if rule in overall.by_roll_up]
    if item is ItemRule.MEAN:
        columns, rows = columns[:3], [Row(r.code, r.cells[:3], r.level) for r in rows]
    return Table(
        "roll_ups",
        "Chỉ số chung theo từng cách tính",
        "Dòng đậm là cách tính dùng trong báo cáo; các cách khác nêu để đối chiếu.",
        tuple(columns),
        tuple(rows),
        short_title="Cách tính",
    )


def _roll_up_row(rule: RollUp, overall: OverallFigures) -> Row:
    chosen = rule is overall.chosen
    index = overall.by_roll_up[rule]
    mean = overall.mean_by_roll_up.get(rule)
    label = wording.ROLL_UPS[rule] + (" (dùng trong báo cáo)" if chosen else "")
    mean_cells: tuple[Cell, Cell] = (share(mean), bounds(mean)) if mean else (None, None)
    cells = (label, share(index), bounds(index), *mean_cells)
    return Row(rule.value, cells, level=0 if chosen else 1)
