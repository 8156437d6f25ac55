"""Tables from figures: which columns stand side by side, and what each cell holds."""

from collections.abc import Callable, Iterable, Sequence

from survey_app.estimation.estimate import Estimate, Reason
from survey_app.questionnaire.definition import ItemRule, QuestionKind, Role, RollUp, Scale
from survey_app.reporting import formats, wording
from survey_app.reporting.figures.satisfaction import (
    ChoiceCount,
    ChoiceFigures,
    CriterionFigures,
    FactorFigures,
    OverallFigures,
)
from survey_app.reporting.figures.unit import UnitFigures
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
    hidden = f" {wording.SMALL_MODES}" if None in figures.by_mode.values() else ""
    total = Row("total", ("Tổng số phiếu", figures.n, _part(figures.n, figures.n)), level=0)
    return Table(
        "modes",
        "Phiếu trả lời theo hình thức",
        f"Số phiếu nhận được theo từng hình thức trả lời.{hidden}",
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
    beside = _shows_mean_beside(figures)
    mean_column = (Column("mean", wording.MEAN_HEADING, PERCENT, 13),) if beside else ()
    columns = (
        Column("factor", "Yếu tố", TEXT, 28 if beside else 38),
        Column("chart", "Thang 0–100%", DRAWING, 24 if beside else 27),
        Column("index", "Chỉ số", PERCENT, 11),
        Column("interval", interval_heading(figures.confidence), INTERVAL, 15),
        *mean_column,
        Column("n", "Số người trả lời", COUNT, 9),
    )

    def row(code: str, label: str, index: Estimate, mean: Estimate, level: int = 1) -> Row:
        mean_cell = (share(mean),) if beside else ()
        cells = (label, bar(index), share(index), bounds(index), *mean_cell, index.n)
        return Row(code, cells, level)

    rows = [
        row(f.section.code, f"{place}. {wording.said(f.section.title)}", f.index, f.mean)
        for place, f in enumerate(figures.factors, 1)
    ]
    return Table(
        "factors",
        "Chỉ số hài lòng theo yếu tố",
        "Thanh ngang là chỉ số; vạch mảnh có hai đầu chặn là khoảng tin cậy.",
        columns,
        (*rows, row("overall", "Chỉ số chung", overall.index, overall.mean, level=0)),
        short_title="Yếu tố",
    )


def _shows_mean_beside(figures: UnitFigures) -> bool:
    """Whether the mean stands beside the index, which is not the mean already."""
    return figures.questionnaire.scoring.item is not ItemRule.MEAN


def scales(figures: UnitFigures) -> tuple[Scale, ...]:
    """The scales of the criteria, each once, in order."""
    return wording.scales_of(c.question for f in figures.factors for c in f.criteria)


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
        drawn = LikertBar(c.shares, satisfied_from) if shown else None
        n = c.tally.n if shown else share(c.satisfied)
        return Row(c.question.code, (label, drawn, share(c.satisfied), n))

    def factor_row(label: str, f: FactorFigures) -> Row:
        return Row(f.section.code, (label, None, None, None), level=0)

    return Table(
        f"levels{suffix}",
        f"Phân bố câu trả lời theo tiêu chí{_on_scale(scale, suffix)}",
        "Mỗi thanh chia theo tỷ lệ các mức, từ mức thấp nhất (đậm) đến mức cao nhất (nhạt); "
        "vạch đứng đánh dấu nơi bắt đầu các mức hài lòng.",
        columns,
        _by_factor(figures, scale, factor_row, criterion_row),
        Legend(tuple(wording.said(o.label) for o in scale.levels)),
        short_title=f"Phân bố{suffix}",
    )


def _on_scale(scale: Scale, suffix: str) -> str:
    """What tells the tables of a second scale from those of the first: each has its own name."""
    return f", {wording.scale_name(scale)}" if suffix else ""


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
    kind = PERCENT if figures.consolidation else COUNT
    level_columns = [
        Column(f"level_{o.code}", wording.said(o.label), kind, width) for o in scale.levels
    ]
    columns = (
        Column("criterion", "Tiêu chí", TEXT, 28),
        *level_columns,
        Column("n", "Số câu trả lời", COUNT, 6.5),
        Column("excluded", "Không tính", COUNT, 6.5),
        Column("satisfied", "Tỷ lệ hài lòng", PERCENT, 9),
        Column("interval", interval_heading(figures.confidence), INTERVAL, 12),
        Column("mean", wording.MEAN_HEADING, PERCENT, 9),
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
        f"Kết quả chi tiết theo tiêu chí{_on_scale(scale, suffix)}",
        f"{_levels_note(figures)}; “Không tính” gồm câu trả lời không áp dụng và câu bỏ "
        "trống; dòng đậm là chỉ số của yếu tố.",
        columns,
        _by_factor(figures, scale, factor_row, criterion_row),
        short_title=f"Tiêu chí{suffix}",
    )


def _levels_note(figures: UnitFigures) -> str:
    if figures.consolidation:
        return "Tỷ lệ từng mức, có trọng số của các đơn vị nên không bằng số đếm chia tổng số"
    return "Số câu trả lời theo từng mức"


def _counts(criterion: CriterionFigures, size: int) -> tuple[Cell, ...]:
    """What each level got (counts, or shares where sheets weigh differently), base and excluded;
    the levels stay hidden where the share is hidden."""
    hidden = criterion.satisfied.reason in (Reason.TOO_FEW, Reason.SUPPRESSED)
    if hidden:
        return (*(None,) * size, Withheld(criterion.satisfied.reason or Reason.SUPPRESSED), None)
    tally = criterion.tally
    levels: tuple[Cell, ...] = tally.levels
    if criterion.weighted_shares is not None:
        shares = tuple(Percent(share, 1) for share in criterion.weighted_shares)
        levels = shares or (None,) * size  # nobody answered
    return (*levels, tally.n, tally.excluded)


#: Caption of the choice questions of one role, and its tab in Excel.
_ROLE_CAPTIONS = {
    Role.OVERALL: ("Hài lòng nói chung", "Hài lòng nói chung"),
    Role.DEMOGRAPHIC: ("Đặc điểm người trả lời", "Đặc điểm người trả lời"),
    Role.CONTEXT: ("Thông tin về lần giao dịch", "Lần giao dịch"),
    Role.NEED: ("Nhu cầu, mong đợi", "Nhu cầu, mong đợi"),
    Role.HARASSMENT: ("Phiền hà, chi phí ngoài quy định", "Phiền hà, chi phí"),
}


def choices(role: Role, questions: Sequence[ChoiceFigures], confidence: float) -> Table:
    """Choice questions of one role: a bold line for each question, a line for each option."""
    columns = (
        Column("option", "Câu hỏi và phương án trả lời", TEXT, 37),
        Column("chart", "Thang 0–100%", DRAWING, 21),
        Column("n", "Số người", COUNT, 13),
        Column("share", "Tỷ lệ", PERCENT, 12),
        Column("interval", interval_heading(confidence), INTERVAL, 17),
    )
    caption, short_title = _ROLE_CAPTIONS[role]
    return Table(
        role.value,
        caption,
        " ".join(_notes({q.question.kind for q in questions})),
        columns,
        tuple(row for q in questions for row in _question_rows(q)),
        short_title=short_title,
    )


def _notes(kinds: set[QuestionKind]) -> Iterable[str]:
    yield "Tỷ lệ tính trên số người trả lời câu hỏi."
    if QuestionKind.MULTIPLE in kinds:
        yield wording.MULTIPLE_CHOICE
    if kinds != {QuestionKind.SCALE}:
        yield wording.SMALL_CHOICES


def _question_rows(figures: ChoiceFigures) -> Iterable[Row]:
    question = figures.question
    base = Withheld(Reason.TOO_FEW) if figures.n is None else figures.n
    yield Row(question.code, (wording.said(question.text), None, base, None, None), level=0)
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
    beside = _shows_mean_beside(figures)
    mean_columns = (
        Column("mean", wording.MEAN_HEADING, PERCENT, 14),
        Column("mean_interval", heading, INTERVAL, 18),
    )
    columns = (
        Column("roll_up", "Cách gộp", TEXT, 36 if beside else 68),
        Column("index", wording.ITEM_RULES[figures.questionnaire.scoring.item], PERCENT, 14),
        Column("index_interval", heading, INTERVAL, 18),
        *(mean_columns if beside else ()),
    )

    def row(rule: RollUp, index: Estimate) -> Row:
        chosen = rule is overall.chosen
        label = wording.ROLL_UPS[rule] + (" (dùng trong báo cáo)" if chosen else "")
        mean_cells = _value_and_bounds(overall.mean_by_roll_up.get(rule)) if beside else ()
        cells = (label, share(index), bounds(index), *mean_cells)
        return Row(rule.value, cells, level=0 if chosen else 1)

    return Table(
        "roll_ups",
        "Chỉ số chung theo từng cách tính",
        "Dòng đậm là cách tính dùng trong báo cáo; các cách khác nêu để đối chiếu.",
        columns,
        tuple(row(rule, overall.by_roll_up[rule]) for rule in RollUp if rule in overall.by_roll_up),
        short_title="Cách tính",
    )


def _value_and_bounds(estimate: Estimate | None) -> tuple[Cell, Cell]:
    return (share(estimate), bounds(estimate)) if estimate else (None, None)
