"""The analysis of somebody's own file → Report: what was read, what was found, how it was made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import IntervalMethod
from survey_app.estimation.plans.plan import Plan, describe_condition
from survey_app.estimation.plans.plan_results import Analysis, Figures
from survey_app.reporting import formats, wording
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.files import tables as file_tables
from survey_app.reporting.files import wording as file_wording
from survey_app.reporting.files.tables import Caption, estimate_rows, heading_row
from survey_app.reporting.report import (
    Block,
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    KeyFigure,
    KeyFigures,
    Letterhead,
    Number,
    Paragraphs,
    Report,
    Row,
    Table,
)
from survey_app.reporting.results.compose import letterhead
from survey_app.text import clean_line, file_stem

#: What is left for the hand to fill in on a paper.
_TO_FILL = "…" * 10


@dataclass(frozen=True)
class FileReading:
    """What was read of a file: counts of rows, and ``notes`` of what had to be assumed.

    ``sheet``: the tab of the workbook, "CSV" for a text.
    """

    filename: str
    sheet: str
    rows: int
    blank_rows: int
    second_headings: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileFigures:
    """Everything a report on a file says, as numbers."""

    title: str
    reading: FileReading
    plan: Plan
    analysis: Analysis


def compose_file_report(found: FileFigures, author: UnitSubject | None, *, dated: date) -> Report:
    """The report on a file, ready for every renderer.

    ``author``: the unit under whose letterhead it stands; None leaves the lines to fill in.
    """
    chapters = [_data(found), _overall(found), _factors(found), _questions(found)]
    if found.analysis.domains:
        chapters.append(_domains(found))
    if found.analysis.compare:
        chapters.append(_comparison(found.plan, found.analysis.compare))
    title = clean_line(found.title)
    return Report(
        title=title,
        subtitle=subtitle(found.reading.filename, f"{formats.count(found.reading.rows)} dòng"),
        letterhead=author_letterhead(author, dated),
        chapters=(*chapters, _method(found)),
        data_until=dated,
        is_demo=False,
        file_stem=f"PhanTichTep_{file_stem(title)[:60]}",
        source=clean_line(found.reading.filename),
    )


def subtitle(filename: str, size: str) -> str:
    """Which file, and how large: "Tệp “a.csv”, 120 dòng"."""
    return f"Tệp “{clean_line(filename)}”, {size}"


def author_letterhead(author: UnitSubject | None, dated: date) -> Letterhead:
    """The head of a paper that the unit of an account makes; None leaves lines to fill in."""
    recipients = ("Lưu: VT.",)
    if author is not None:
        return letterhead(author, dated, recipients)
    signer = wording.signer_title("")
    return Letterhead("", _TO_FILL, _TO_FILL, dated, "BC-…", signer, recipients)


# ── chapters ──────────────────────────────────────────────────────────────────────────────────


def _data(found: FileFigures) -> Chapter:
    design = found.analysis.design
    texts = (_read(found), file_wording.design(found.plan, design), *found.reading.notes)
    cautions = file_wording.cautions(found.plan, design)
    columns = (
        Column("item", "Nội dung", ColumnKind.TEXT, 70),
        Column("value", "Giá trị", ColumnKind.DECIMAL, 30),
    )
    rows: tuple[tuple[str, str, Cell], ...] = (
        ("rows", "Số dòng được tính", design.rows),
        ("n", "Số dòng có trọng số dương", design.n),
        ("strata", "Số tầng", design.strata),
        ("clusters", "Số cụm (không khai cụm thì mỗi dòng là một cụm)", design.clusters),
        ("lonely_strata", "Số tầng chỉ có một cụm", design.lonely_strata),
        ("df", "Số bậc tự do (số cụm trừ số tầng)", design.df),
        ("weight_sum", "Tổng trọng số", Number(design.weight_sum)),
    )
    table = Table(
        "file_design",
        "Thiết kế mẫu",
        "Cách chọn mẫu quyết định sai số chuẩn và khoảng tin cậy của mọi số liệu sau đây.",
        columns,
        tuple(Row(code, (label, value)) for code, label, value in rows),
        short_title="Thiết kế mẫu",
    )
    set_apart = (Paragraphs((text,), is_caution=True) for text in cautions)
    return Chapter("data", "Số liệu và thiết kế mẫu", (Paragraphs(texts), *set_apart, table))


def _read(found: FileFigures) -> str:
    reading, plan = found.reading, found.plan
    tab = "" if reading.sheet == "CSV" else f", trang tính “{clean_line(reading.sheet)}”"
    text = (
        f"Đã đọc tệp “{clean_line(reading.filename)}”{tab}: {formats.count(reading.rows)} dòng số "
        f"liệu, {len(plan.questions)} câu hỏi trong {len(plan.factors)} yếu tố; bỏ qua "
        f"{formats.count(reading.blank_rows)} dòng trống và {reading.second_headings} dòng tiêu đề "
        "lặp lại."
    )
    if plan.where:
        chosen = file_wording.condition(plan.where)
        text += f" Kết quả chung tính trên các dòng có {chosen}."
    return text


def _overall(found: FileFigures) -> Chapter:
    figures, confidence = found.analysis.estimates.overall, found.plan.confidence
    labels = {form: file_wording.FORMS[form][0] for form in figures}
    cards = (
        KeyFigure(
            labels[form],
            file_tables.value(figure),
            file_tables.interval(figure, confidence),
            f"{formats.count(figure.n)} người trả lời",
            form,
        )
        for form, figure in figures.items()
    )
    caption = Caption(
        "file_overall",
        "Chỉ số chung theo từng cách gộp",
        "Thanh ngang là chỉ số; vạch mảnh có hai đầu chặn là khoảng tin cậy.",
        "Chỉ số",
        "Chỉ số chung",
    )
    rows = estimate_rows(figures, confidence, labels)
    table = file_tables.estimates(caption, confidence, rows)
    return Chapter("overall", "Kết quả chung", (KeyFigures("key", tuple(cards)), table))


def _factors(found: FileFigures) -> Chapter:
    confidence = found.plan.confidence
    caption = Caption(
        "file_factors",
        "Kết quả theo yếu tố",
        "Kết quả của yếu tố là trung bình cộng các câu hỏi của yếu tố đó.",
        "Chỉ số",
        "Yếu tố",
    )
    rows = estimate_rows(found.analysis.estimates.factors, confidence)
    table = file_tables.estimates(caption, confidence, rows)
    return Chapter("factors", "Kết quả theo yếu tố", (table,))


def _questions(found: FileFigures) -> Chapter:
    plan = found.plan
    caption = Caption(
        "file_questions",
        "Kết quả theo câu hỏi",
        f"{file_wording.item_rule(plan)}.",
        file_wording.item_name(plan),
        "Câu hỏi",
    )
    blocks = [file_tables.estimates(caption, plan.confidence, tuple(_by_factor(found)))]
    if set(plan.intervals) - {"default"}:
        blocks.append(file_tables.other_intervals(plan, found.analysis.estimates))
    return Chapter("questions", "Kết quả theo câu hỏi", tuple(blocks))


def _by_factor(found: FileFigures) -> Iterator[Row]:
    """The questions under the names of their factors."""
    figures = found.analysis.estimates.questions
    for factor, questions in found.plan.factors.items():
        yield heading_row(f"factor.{factor}", factor)
        chosen = {name: figures[name] for name in questions}
        yield from estimate_rows(chosen, found.plan.confidence)


def _domains(found: FileFigures) -> Chapter:
    plan, domains = found.plan, found.analysis.domains
    named = {describe_condition(domain): file_wording.condition(domain) for domain in plan.domains}
    wholes = {name: figures.overall[file_wording.MAIN_FORM] for name, figures in domains.items()}
    blocks: list[Block] = []
    small = [named[name] for name, figure in wholes.items() if figure.n < MINIMUM_BASE]
    if small:
        blocks.append(Paragraphs((file_wording.small_domains(small),), is_caution=True))
    whole = Caption(
        "file_domains",
        "Chỉ số chung của các nhóm",
        f"Chỉ số: {file_wording.FORMS[file_wording.MAIN_FORM][0].lower()}. Muốn biết hai nhóm có "
        "khác nhau hay không, dùng phần so sánh, không so bằng mắt hai khoảng tin cậy.",
        "Chỉ số",
        "Nhóm",
    )
    detail = Caption(
        "file_domain_details",
        "Yếu tố và câu hỏi của từng nhóm",
        "Dòng đậm là nhóm; sau đó là các yếu tố rồi các câu hỏi.",
        "Kết quả",
        "Nhóm chi tiết",
    )
    rows = (
        row
        for name, figures in domains.items()
        for row in _domain(name, named[name], figures, plan)
    )
    blocks += [
        file_tables.estimates(
            whole, plan.confidence, estimate_rows(wholes, plan.confidence, named)
        ),
        file_tables.estimates(detail, plan.confidence, tuple(rows)),
    ]
    return Chapter("domains", "Kết quả theo nhóm", tuple(blocks))


def _domain(code: str, label: str, figures: Figures, plan: Plan) -> Iterator[Row]:
    yield heading_row(code, label)
    for part in (figures.factors, figures.questions):
        for row in estimate_rows(part, plan.confidence):
            yield Row(f"{code}.{row.code}", row.cells, row.level)


def _comparison(plan: Plan, compare: Figures) -> Chapter:
    tables = file_tables.differences(plan, compare)
    return Chapter("compare", "So sánh", (Paragraphs((file_wording.comparison(plan),)), *tables))


def _method(found: FileFigures) -> Chapter:
    parts = [found.analysis.estimates, *found.analysis.domains.values()]
    if found.analysis.compare:
        parts.append(found.analysis.compare)
    methods = {
        IntervalMethod(figure.method)
        for part in parts
        for figures in (part.questions, part.factors, part.overall)
        for figure in figures.values()
        if figure.method
    }
    facts = Facts("method", tuple(file_wording.method_facts(found.plan, methods)))
    closing = Paragraphs(("Trên đây là kết quả phân tích tệp số liệu./.",))
    return Chapter("method", "Ghi chú phương pháp", (facts, closing))
