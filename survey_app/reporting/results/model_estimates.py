"""Model estimates of units with few answers → Report: beside the direct index, never instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import Estimate
from survey_app.estimation.intervals.bounds import z_quantile
from survey_app.i18n import format_date, format_number
from survey_app.questionnaire.definition import Questionnaire
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.subjects import SurveySubject
from survey_app.reporting.origins import VersionMix
from survey_app.reporting.report import (
    Block,
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    IntervalBar,
    Letterhead,
    Number,
    Paragraphs,
    Percent,
    Report,
    Row,
    Table,
)
from survey_app.reporting.results import versions
from survey_app.text import clean_line, file_stem

TEXT, COUNT, PERCENT = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.PERCENT
INTERVAL, DRAWING, DECIMAL = ColumnKind.INTERVAL, ColumnKind.DRAWING, ColumnKind.DECIMAL

LABEL = "Ước lượng mô hình, không dùng để đánh giá, xếp loại"
NO_NEED = "không cần: điều tra toàn bộ"
CAUTION = (
    f"{LABEL}. Con số này kéo kết quả của đơn vị ít phiếu về phía mức chung của khối: giúp định "
    "hướng tìm hiểu thêm, nhưng sai lệch với đơn vị thật sự khác thường; với những đơn vị ấy, "
    "khoảng của mô hình thường quá hẹp. Báo cáo, bảng khoảng hạng và văn bản chính thức chỉ dùng "
    "kết quả trực tiếp."
)


@dataclass(frozen=True)
class ModelLine:
    """One unit with few answers. Proportions in 0..1.

    ``n`` is None where there are too few sheets even to count. ``direct`` is withheld there, and
    then the unit's own sheets are in no figure of its line: ``model`` is the synthetic value and
    ``gamma`` 0. ``model`` is None for a census, which needs no model.
    """

    code: str
    name: str
    n: int | None
    direct: Estimate
    synthetic: float
    model: float | None
    model_error: float | None
    gamma: float | None
    low: float | None
    high: float | None


class NoModel(StrEnum):
    """Why a block has no model estimates."""

    NOBODY_NEEDS_IT = auto()  # all units have answers enough of their own
    TOO_FEW_UNITS = auto()  # that a model could rest on
    NO_SPREAD = auto()  # within any unit, so that no sampling error is known


@dataclass(frozen=True)
class ModelBlock:
    """Units of like kind. ``lines``: those with few answers; ``able``: how many units a model can
    rest on; ``why``: why there is none, None where there is one. ``spread``: the model's standard
    deviation between units."""

    code: str
    name: str
    lines: tuple[ModelLine, ...]
    able: int
    spread: float = 0.0
    why: NoModel | None = None


@dataclass(frozen=True)
class ModelEstimates:
    """One block as an account sees it; ``choices``: (code, name) of the blocks there are."""

    survey: SurveySubject
    questionnaire: Questionnaire
    scope: str
    data_until: date
    block: ModelBlock | None
    choices: tuple[tuple[str, str], ...]
    enough: int
    minimum_units: int
    confidence: float
    versions: VersionMix | None = None


def compose_model_estimates(found: ModelEstimates, *, dated: date) -> Report:
    """The document of some model estimates, dated ``dated``, for page, Excel and JSON."""
    survey = found.survey
    code = found.block.code if found.block else "none"
    return Report(
        title="Ước lượng mô hình cho đơn vị ít phiếu",
        subtitle=f"{clean_line(survey.title)}; {LABEL[0].lower()}{LABEL[1:]}",
        letterhead=Letterhead("", clean_line(found.scope), "", dated, "", "", ()),
        chapters=(
            Chapter("overall", found.block.name if found.block else "Kết quả", (*_blocks(found),)),
            Chapter("method", "Ghi chú phương pháp", (Facts("method", tuple(_facts(found))),)),
        ),
        data_until=found.data_until,
        is_demo=survey.is_demo,
        file_stem=f"UocLuongMoHinh_{file_stem(survey.code)}_{file_stem(code)}",
        source=survey.source,
    )


def _blocks(found: ModelEstimates) -> Iterator[Block]:
    yield Paragraphs((CAUTION,), is_caution=True)
    block = found.block
    if block is None:
        yield Paragraphs(("Cuộc khảo sát này không có đơn vị nào trong phạm vi của ông/bà.",))
    elif block.why:
        yield Paragraphs((no_model_sentence(found, block),))
    else:
        yield Paragraphs((*_introduction(found, block),))
        yield _beside(found, block)
        yield _parts(found, block)


def no_model_sentence(found: ModelEstimates, block: ModelBlock) -> str:
    """Why a block has no model; nothing where it has one."""
    match block.why:
        case NoModel.NOBODY_NEEDS_IT:
            return (
                "Không có đơn vị nào của khối cần đến mô hình: mọi đơn vị đều có từ "
                f"{found.enough} phiếu trở lên."
            )
        case NoModel.TOO_FEW_UNITS:
            return (
                f"Chưa lập được mô hình: trong phạm vi của ông/bà, khối này có {block.able} đơn vị "
                f"đủ phiếu (từ {MINIMUM_BASE} phiếu, không kể điều tra toàn bộ), mô hình cần ít "
                f"nhất {found.minimum_units} đơn vị."
            )
        case NoModel.NO_SPREAD:
            return (
                "Chưa lập được mô hình: trong từng đơn vị mọi phiếu đều cho cùng một kết quả, nên "
                "không biết được sai số chọn mẫu."
            )
    return ""


def _introduction(found: ModelEstimates, block: ModelBlock) -> Iterator[str]:
    few = formats.count(len(block.lines))
    yield (
        f"Mô hình dựa trên {formats.count(block.able)} đơn vị của khối có từ {MINIMUM_BASE} "
        "phiếu trở lên, không kể đơn vị điều tra toàn bộ. Bảng nêu các đơn vị có dưới "
        f"{found.enough} phiếu ({few} đơn vị); với nhiều phiếu hơn, kết quả trực tiếp là đủ."
    )
    if block.spread == 0:
        yield (
            "Các đơn vị chưa khác nhau hơn mức ngẫu nhiên của mẫu, nên mô hình cho mọi đơn vị cùng "
            "một giá trị chung và trọng số của số liệu riêng bằng 0."
        )
    if any(line.n is None or line.direct.value is None for line in block.lines):
        yield (
            f"Đơn vị chưa đủ {MINIMUM_BASE} phiếu chỉ được nêu giá trị chung của khối; phiếu của "
            "đơn vị đó không được dùng trong bất kỳ con số nào của bảng này, nên không thể suy "
            "ngược ra."
        )


def _beside(found: ModelEstimates, block: ModelBlock) -> Table:
    """Direct and model estimate of each unit, drawn side by side."""
    columns = (
        Column("unit", "Đơn vị", TEXT, 18),
        Column("n", "Số phiếu có trả lời", COUNT, 8),
        Column("direct_chart", "Trực tiếp", DRAWING, 18),
        Column("direct", "Chỉ số trực tiếp", PERCENT, 11),
        Column("direct_interval", tables.interval_heading(found.confidence), INTERVAL, 14),
        Column("model_chart", "Mô hình", DRAWING, 18),
        Column("model", "Ước lượng mô hình", PERCENT, 13),
    )
    return Table(
        f"model_{block.code}",
        LABEL,
        f"Chỉ số trực tiếp và ước lượng mô hình của đơn vị có dưới {found.enough} phiếu, xếp theo "
        "tên, không xếp hạng. Thanh ngang là giá trị; vạch mảnh có hai đầu chặn là khoảng tin cậy, "
        "khoảng mô hình.",
        columns,
        tuple(Row(line.code, (*_direct(line), *_model(line))) for line in block.lines),
        short_title="Ước lượng mô hình",
    )


def _direct(line: ModelLine) -> Iterator[Cell]:
    yield line.name
    yield f"dưới {MINIMUM_BASE}" if line.n is None else line.n
    yield from (tables.bar(line.direct), tables.share(line.direct), tables.bounds(line.direct))


def _model(line: ModelLine) -> Iterator[Cell]:
    if line.model is None:
        yield from (None, NO_NEED)
    else:
        yield from (IntervalBar(line.model, line.low, line.high), Percent(line.model))


def _parts(found: ModelEstimates, block: ModelBlock) -> Table:
    """What each model estimate is made of, and how sure it is."""
    level = formats.confidence_level(found.confidence)
    columns = (
        Column("unit", "Đơn vị", TEXT, 30),
        Column("model", "Ước lượng mô hình", PERCENT, 12),
        Column("model_error", "Sai số của mô hình", PERCENT, 12),
        Column("model_low", f"Khoảng mô hình {level}: từ", PERCENT, 12),
        Column("model_high", f"Khoảng mô hình {level}: đến", PERCENT, 12),
        Column("gamma", "Trọng số của số liệu riêng", DECIMAL, 11),
        Column("synthetic", "Giá trị chung của khối", PERCENT, 11),
    )
    return Table(
        f"model_parts_{block.code}",
        "Sai số và trọng số của ước lượng mô hình",
        "Ước lượng mô hình = trọng số × chỉ số trực tiếp + (1 − trọng số) × giá trị chung của "
        f"khối. {LABEL}.",
        columns,
        tuple(Row(line.code, (line.name, *_parts_of(line))) for line in block.lines),
        short_title="Sai số và trọng số",
    )


def _parts_of(line: ModelLine) -> Iterator[Cell]:
    if line.model is None:
        yield from (NO_NEED, None, None, None, None)
    else:
        shares = (line.model, line.model_error, line.low, line.high)
        yield from (None if share is None else Percent(share) for share in shares)
        yield None if line.gamma is None else Number(line.gamma)
    yield Percent(line.synthetic)


def _facts(found: ModelEstimates) -> Iterator[tuple[str, str]]:
    survey, questionnaire = found.survey, found.questionnaire
    period = f"{format_date(survey.starts_on)}–{format_date(survey.ends_on)}"
    yield "Giá trị sử dụng", LABEL
    yield "Cuộc khảo sát", f"{clean_line(survey.title)} (mã {survey.code}), {period}"
    yield wording.version(survey)
    if found.versions:
        yield "Phiên bản trong kỳ", " ".join(versions.sentences(found.versions))
    yield "Phạm vi", f"{found.scope}; mô hình chỉ dùng các đơn vị cùng khối trong phạm vi này"
    roll_up = wording.roll_up(questionnaire.scoring.roll_up, questionnaire)
    yield "Cách gộp thành chỉ số", roll_up
    yield (
        "Mô hình",
        "Fay–Herriot (1979), không có biến bổ trợ: ước lượng mô hình = γ × chỉ số trực tiếp + "
        "(1 − γ) × giá trị chung; trọng số của số liệu riêng γ = A/(A + D), A là phương sai giữa "
        "các đơn vị, D là phương sai chọn mẫu của đơn vị, làm trơn bằng phương sai chung giữa các "
        "phiếu, có hệ số 1 − n/N khi biết số hồ sơ N",
    )
    yield (
        "Sai số của mô hình",
        "căn bậc hai của sai số bình phương trung bình theo Prasad–Rao (1990) và Datta, Rao, Smith "
        f"(2005); khoảng mô hình {formats.confidence_level(found.confidence)} là ước lượng ± "
        f"{format_number(z_quantile(found.confidence), 2)} lần sai số, cắt ở 0% và 100%",
    )
    yield (
        "Bảo vệ nhóm nhỏ",
        f"đơn vị có dưới {MINIMUM_BASE} phiếu không tham gia mô hình: nếu tham gia thì từ ước "
        "lượng, trọng số và giá trị chung có thể tính ra kết quả phải giữ kín",
    )
    block = found.block
    if block is not None and block.why is None:
        spread = format_number(block.spread * 100, 2)
        yield "Độ lệch chuẩn giữa các đơn vị (√A)", f"{spread} điểm %"
    elif block is not None:
        yield "Tình trạng", no_model_sentence(found, block)
    if survey.is_running:
        until = format_date(survey.ends_on)
        yield "Kỳ khảo sát", f"kết quả tạm thời: còn nhận phiếu đến hết ngày {until}"
    yield "Ngày chốt số liệu", format_date(found.data_until)
