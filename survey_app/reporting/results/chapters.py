"""The chapters of a unit's report that every report has, each from the same figures."""

from collections import Counter
from collections.abc import Iterator

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import Estimate, IntervalMethod
from survey_app.i18n import format_date
from survey_app.questionnaire.definition import ItemRule, Role
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.satisfaction import CriterionFigures, OverallFigures
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import (
    Block,
    Chapter,
    Facts,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Quotes,
    Table,
)
from survey_app.reporting.results import (
    boundaries,
    comparison,
    consolidated,
    drivers,
    groups,
    integrity,
    versions,
)
from survey_app.text import clean_line

#: Chapter IV: which questions, in which order.
_ROLES = (Role.OVERALL, Role.DEMOGRAPHIC, Role.CONTEXT, Role.NEED, Role.HARASSMENT)

#: So many comments go into one document.
MOST_COMMENTS = 12

#: How many of the weakest criteria are named in prose.
_LOWEST = 3


def period(figures: UnitFigures) -> str:
    """The survey's period in figures."""
    survey = figures.survey
    return f"từ ngày {format_date(survey.starts_on)} đến ngày {format_date(survey.ends_on)}"


def short_period(figures: UnitFigures) -> str:
    """The period for a subtitle: "01/04/2026–30/06/2026"."""
    survey = figures.survey
    return f"{format_date(survey.starts_on)}–{format_date(survey.ends_on)}"


def general(figures: UnitFigures) -> Chapter:
    """I. What was asked, when, and how many answered."""
    title = clean_line(figures.survey.title)
    basis = (
        f"Báo cáo nêu kết quả “{title}” (mã {figures.survey.code}) tại {_place(figures)}, "
        f"thực hiện {period(figures)}. Số liệu tính đến ngày {format_date(figures.data_until)}."
    )
    blocks: list[Block] = [*_demo(figures), *_provisional(figures), *_versions(figures)]
    basis = " ".join([basis, *boundaries.sentences(figures.boundaries)])
    if figures.withheld:
        blocks.append(Paragraphs((basis,)))
    else:
        blocks.append(Paragraphs((basis, _basis_of_figures(figures), wording.ASSUMPTION)))
        if figures.by_mode:
            blocks.append(tables.modes(figures))
    return Chapter("general", "Thông tin chung về cuộc khảo sát", tuple(blocks))


def _demo(figures: UnitFigures) -> Iterator[Block]:
    if figures.survey.is_demo:
        yield Paragraphs((f"{wording.DEMO_MARK}. {wording.DEMO}",), is_caution=True)


def _provisional(figures: UnitFigures) -> Iterator[Block]:
    text = wording.provisional(figures.survey)
    if text:
        yield Paragraphs((text,), is_caution=True)


def _versions(figures: UnitFigures) -> Iterator[Block]:
    if figures.versions:
        yield Paragraphs(tuple(versions.sentences(figures.versions)), is_caution=True)


def _place(figures: UnitFigures) -> str:
    unit = wording.in_a_sentence(figures.unit.name)
    found = figures.consolidation
    return f"các đơn vị thuộc {unit}" if found and not found.is_merged else unit


def _basis_of_figures(figures: UnitFigures) -> str:
    if figures.consolidation:
        text = consolidated.scope_sentence(figures, figures.consolidation)
    else:
        text = _sheets_received(figures)
    return text + integrity.aside(figures.quality)


def _sheets_received(figures: UnitFigures) -> str:
    received = f"Số phiếu trả lời được tính là {formats.count(figures.n)} phiếu"
    if figures.versions and figures.versions.is_part:
        return f"{received}."
    if not figures.population:
        return f"{received}; chưa có số hồ sơ đã giải quyết trong kỳ."
    if figures.is_population_doubtful:
        return (
            f"{received}, nhiều hơn số hồ sơ đã ghi nhận trong kỳ "
            f"({formats.count(figures.population)} hồ sơ): cần kiểm tra lại số hồ sơ. Khoảng tin "
            "cậy được tính như khi chưa có số hồ sơ."
        )
    rate = formats.percent(figures.n / figures.population)
    return (
        f"{received}, bằng {rate} số hồ sơ đã giải quyết trong kỳ "
        f"({formats.count(figures.population)} hồ sơ)."
    )


def overall(figures: UnitFigures, whole: OverallFigures) -> Chapter:
    """II. The index, its neighbours and the factors."""
    blocks: list[Block] = [
        KeyFigures("key", tuple(_key_figures(figures, whole))),
        Paragraphs(tuple(_headline_and_change(figures, whole))),
    ]
    cautions = (wording.few_sheets(figures.n), wording.too_good(whole.index.value, figures.n))
    blocks += [Paragraphs((text,), is_caution=True) for text in cautions if text]
    blocks.append(tables.factors(figures, whole))
    return Chapter("overall", "Kết quả chung", tuple(blocks))


def _key_figures(figures: UnitFigures, whole: OverallFigures) -> Iterator[KeyFigure]:
    top2 = figures.questionnaire.scoring.item is ItemRule.TOP2
    note = "tỷ lệ câu trả lời hài lòng" if top2 else "điểm bình quân quy đổi"
    yield _key("index", "Chỉ số hài lòng chung", whole.index, note)
    if top2:
        yield _key("mean", "Điểm bình quân quy đổi", whole.mean, "mức cao nhất là 100%")
    note = "hài lòng ở mọi tiêu chí đã trả lời"
    yield _key("comprehensive", "Hài lòng toàn diện", whole.comprehensive, note)
    of = f"trên {formats.count(figures.population)} hồ sơ" if figures.population else ""
    if figures.is_population_doubtful:
        of = f"nhiều hơn số hồ sơ đã ghi nhận ({formats.count(figures.population or 0)})"
    yield KeyFigure("Phiếu trả lời", figures.n, note=of, code="sheets")


def _key(code: str, label: str, estimate: Estimate, note: str) -> KeyFigure:
    return KeyFigure(label, tables.share(estimate), estimate.interval, note, code)


def _headline_and_change(figures: UnitFigures, whole: OverallFigures) -> Iterator[str]:
    yield _headline(figures, whole)
    change = comparison.change_sentence(figures)
    if change:
        yield change


def _headline(figures: UnitFigures, whole: OverallFigures) -> str:
    level = formats.confidence_level(figures.confidence)
    text = f"Chỉ số hài lòng chung: {formats.cell(tables.share(whole.index))}"
    if whole.index.interval:
        text += f" (khoảng tin cậy {level}: {formats.interval(whole.index.interval)})"
    text += f", tính theo cách “{wording.ROLL_UPS[whole.chosen]}”"
    if whole.criteria_counted < whole.criteria_asked:
        counted, asked = whole.criteria_counted, whole.criteria_asked
        return f"{text}, trên {counted} trong số {asked} tiêu chí có đủ câu trả lời."
    return f"{text}, trên {whole.criteria_counted} tiêu chí."


def criteria(figures: UnitFigures) -> Chapter:
    """III. Every criterion, drawn and in full."""
    blocks: list[Block] = []
    lowest = lowest_criteria(figures)
    if lowest:
        blocks.append(Paragraphs((lowest,)))
    for place, scale in enumerate(tables.scales(figures)):
        suffix = f"_{scale.code}" if place else ""
        blocks += [tables.levels(figures, scale, suffix), tables.criteria(figures, scale, suffix)]
    return Chapter("criteria", "Kết quả theo tiêu chí", tuple(blocks))


def lowest_criteria(figures: UnitFigures) -> str | None:
    """The weakest criteria of the sample in prose; no order is claimed to be the true one."""
    known = [c for f in figures.factors for c in f.criteria if c.satisfied.value is not None]
    ordered = sorted(known, key=_satisfied)
    if len(ordered) <= _LOWEST or _satisfied(ordered[0]) == _satisfied(ordered[-1]):
        return None
    named = "; ".join(_named(c) for c in ordered[:_LOWEST])
    return (
        f"Ba tiêu chí có tỷ lệ hài lòng thấp nhất trong các phiếu nhận được là: {named}. Thứ tự "
        "giữa những tiêu chí gần nhau có thể chỉ do chọn mẫu; đây là những nội dung nên tìm hiểu "
        "trước."
    )


def _satisfied(criterion: CriterionFigures) -> float:
    return criterion.satisfied.value or 0.0


def _named(criterion: CriterionFigures) -> str:
    text = wording.said(criterion.question.text)
    value = formats.percent(_satisfied(criterion))
    if not criterion.satisfied.interval:
        return f"“{text}” ({value})"
    return f"“{text}” ({value}; {formats.interval(criterion.satisfied.interval)})"


def respondents(figures: UnitFigures) -> Chapter | None:
    """IV. Who answered, what they need, what troubled them."""
    blocks: list[Block] = []
    for role in _ROLES:
        asked = [c for c in figures.choices if c.question.role is role]
        if asked:
            blocks.append(tables.choices(role, asked, figures.confidence))
        if asked and role is Role.HARASSMENT:
            blocks.append(Paragraphs((wording.HARASSMENT,), is_caution=True))
    title = "Đặc điểm người trả lời; nhu cầu, mong đợi; phiền hà, chi phí ngoài quy định"
    return Chapter("respondents", title, tuple(blocks)) if blocks else None


def comments(figures: UnitFigures) -> Chapter | None:
    """V. Citizens' own words, the first of them; the same words from several people once."""
    counted = Counter(text for text in map(clean_line, figures.comments) if text)
    if not counted:
        return None
    shown = tuple(
        f"{text} ({count} ý kiến giống nhau)" if count > 1 else text
        for text, count in list(counted.items())[:MOST_COMMENTS]
    )
    total = formats.count(counted.total())
    introduction = f"Có {total} ý kiến góp ý, nêu nguyên văn dưới đây."
    if len(shown) < len(counted):
        introduction = (
            f"Có {total} ý kiến góp ý; nêu nguyên văn {formats.count(len(shown))} nội dung đầu."
        )
    blocks = (Paragraphs((introduction,)), Quotes("comments", shown))
    return Chapter("comments", "Ý kiến góp ý", blocks)


def method(figures: UnitFigures, *others: Table) -> Chapter:
    """VI. How every number was made."""
    facts = Facts("method", tuple(_facts(figures)))
    title = f"{wording.TITLE[0].lower()}{wording.TITLE[1:]}"
    closing = f"Trên đây là báo cáo {title} tại {_place(figures)}./."
    return Chapter("method", "Ghi chú phương pháp", (facts, *others, Paragraphs((closing,))))


def _facts(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    questionnaire, survey = figures.questionnaire, figures.survey
    yield "Cuộc khảo sát", f"{clean_line(survey.title)} (mã {survey.code}), {period(figures)}"
    yield wording.version(survey)
    if figures.versions:
        yield "Phiên bản trong kỳ", " ".join(versions.sentences(figures.versions))
    scoring = questionnaire.scoring
    yield "Cách tính một câu trả lời", wording.item_rule(scoring.item, questionnaire)
    if scoring.item is not ItemRule.MEAN:
        yield "Số đối chiếu", wording.item_rule(ItemRule.MEAN, questionnaire)
    yield "Cách gộp thành chỉ số", wording.roll_up(scoring.roll_up, questionnaire)
    yield "Câu không tính", "không áp dụng và bỏ trống: không tính vào cả tử số lẫn mẫu số"
    if not figures.withheld:
        yield from _facts_of_sample(figures)
    yield (
        "Số phiếu tối thiểu",
        f"{MINIMUM_BASE} phiếu; dưới mức này không nêu kết quả; nhóm từ 1 đến {MINIMUM_BASE - 1} "
        "người ở câu hỏi lựa chọn được ẩn",
    )
    yield "Ngày chốt số liệu", format_date(figures.data_until)


def _facts_of_sample(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    known = figures.population
    population = f"{formats.count(known)} hồ sơ" if known else "chưa có số hồ sơ"
    if figures.is_population_doubtful:
        population += " (ít hơn số phiếu, không dùng để tính)"
    yield "Số phiếu, tổng thể", f"n = {formats.count(figures.n)} phiếu; N = {population}"
    text = wording.interval_methods(_methods(figures))
    if text:
        yield f"Khoảng tin cậy {formats.confidence_level(figures.confidence)}", text
    if figures.consolidation:
        yield from consolidated.facts(figures.consolidation)
    yield from comparison.facts(figures)
    yield from drivers.facts(figures)
    yield from groups.facts(figures)
    yield from integrity.facts(figures)


def _methods(figures: UnitFigures) -> Iterator[IntervalMethod]:
    for estimate in _estimates(figures):
        if estimate.interval:
            yield estimate.interval.method


def _estimates(figures: UnitFigures) -> Iterator[Estimate]:
    if figures.overall:
        yield from figures.overall.by_roll_up.values()
        yield from figures.overall.mean_by_roll_up.values()
        yield figures.overall.comprehensive
    for factor in figures.factors:
        yield from (factor.index, factor.mean)
        yield from (c.satisfied for c in factor.criteria)
    yield from (choice.estimate for q in figures.choices for choice in q.choices)
