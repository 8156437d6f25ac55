"""The chapter on drivers: which factors go together with satisfaction on the whole."""

from collections.abc import Iterator

from survey_app.estimation.drivers import REPLICATES, SEED, Driver, Quadrant
from survey_app.estimation.estimate import Interval, IntervalMethod
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.satisfaction import DriverFigures
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import (
    Cell,
    Chapter,
    Column,
    ColumnKind,
    IntervalBar,
    Paragraphs,
    Percent,
    Row,
    Table,
)

QUADRANTS = {
    Quadrant.PRIORITY: "Nên xem xét trước",
    Quadrant.KEEP: "Giữ vững",
    Quadrant.MINOR: "Theo dõi",
    Quadrant.SUFFICIENT: "Duy trì",
}
#: What is said of a factor whose share may as well be more or less than an equal one.
UNCLEAR = "Chưa rõ"
NONE_CLEAR = "Chưa đủ căn cứ để nói yếu tố nào gắn nhiều hơn yếu tố khác."
CAUTION = (
    "Đây là mối liên hệ trong cùng một lần khảo sát, chưa phải quan hệ nguyên nhân – kết quả: "
    "người hài lòng với một mặt thường đánh giá tốt các mặt khác."
)


def drivers(figures: UnitFigures) -> Chapter | None:
    """The chapter, or None where nothing can be said of drivers."""
    found = figures.drivers
    if found is None or found.analysis.reason is not None:
        return None
    is_any_clear = any(driver.is_clear for driver in found.analysis.drivers)
    result = _matrix(found) if is_any_clear else Paragraphs((NONE_CLEAR,))
    blocks = (
        Paragraphs((_introduction(found),)),
        _shares(found, figures.confidence),
        result,
        Paragraphs((CAUTION,), is_caution=True),
    )
    return Chapter("drivers", "Yếu tố gắn với sự hài lòng nói chung", blocks)


def facts(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    """How the chapter's numbers were made."""
    if drivers(figures) is None:
        return
    yield (
        "Mức độ gắn kết của yếu tố",
        "phần đóng góp Shapley (LMG) của mỗi yếu tố vào R² của hồi quy tuyến tính câu hỏi hài lòng "
        "nói chung theo điểm bình quân các yếu tố, trên các phiếu trả lời đủ; khoảng tin cậy từ "
        f"{formats.count(REPLICATES)} mẫu lặp (bootstrap Rao–Wu, số khởi tạo {SEED}), hiệu chỉnh "
        "Bonferroni; chỉ nêu khi kiểm định F bác bỏ giả thuyết không có liên hệ nào",
    )


def _introduction(found: DriverFigures) -> str:
    analysis = found.analysis
    explained = formats.percent(analysis.adjusted_r_squared or 0.0, 0)
    text = (
        f"Các yếu tố dưới đây cùng nhau đi với khoảng {explained} khác biệt giữa các phiếu về câu "
        f"“{wording.said(found.question.text)}” (R² hiệu chỉnh, tính trên "
        f"{formats.count(analysis.n)} phiếu trả lời đủ)"
    )
    if found.left_out:
        names = ", ".join(f"“{wording.said(section.title)}”" for section in found.left_out)
        text += f"; yếu tố {names} ít người trả lời nên không đưa vào"
    return f"{text}. Bảng dưới chia phần đó cho từng yếu tố."


def _shares(found: DriverFigures, confidence: float) -> Table:
    columns = (
        Column("factor", "Yếu tố", ColumnKind.TEXT, 25),
        Column("importance_chart", "Mức gắn kết", ColumnKind.DRAWING, 15),
        Column("importance", "Phần trong R²", ColumnKind.PERCENT, 9),
        Column("interval", tables.interval_heading(confidence), ColumnKind.INTERVAL, 13),
        Column("performance_chart", "Kết quả", ColumnKind.DRAWING, 15),
        Column("performance", wording.MEAN_HEADING, ColumnKind.PERCENT, 9),
        Column("verdict", "Nhận định", ColumnKind.TEXT, 14),
    )
    pairs = zip(found.factors, found.analysis.drivers, strict=True)
    rows = [
        Row(section.code, (wording.said(section.title), *_cells(driver, confidence)))
        for section, driver in pairs
    ]
    return Table(
        "drivers",
        "Mức độ gắn kết và kết quả của từng yếu tố",
        "Mức gắn kết cộng lại bằng 100%; các khoảng tin cậy đúng đồng thời. “Chưa rõ”: khoảng tin "
        "cậy còn chứa mức chia đều.",
        columns,
        tuple(rows),
        short_title="Mức gắn kết",
    )


def _cells(driver: Driver, confidence: float) -> tuple[Cell, ...]:
    if driver.importance is None or driver.performance is None or driver.quadrant is None:
        return (None,) * 6
    interval = None
    if driver.low is not None and driver.high is not None:
        interval = Interval(driver.low, driver.high, IntervalMethod.BOOTSTRAP, confidence)
    verdict = QUADRANTS[driver.quadrant] if driver.is_clear else UNCLEAR
    return (
        IntervalBar(driver.importance, driver.low, driver.high),
        Percent(driver.importance, 1),
        interval,
        IntervalBar(driver.performance),
        Percent(driver.performance),
        verdict,
    )


def _matrix(found: DriverFigures) -> Table:
    """Importance × performance, the quadrants as a table of two by two."""
    columns = (
        Column("importance", "Mức gắn kết", ColumnKind.TEXT, 24),
        Column("low", "Kết quả dưới mức bình quân", ColumnKind.TEXT, 38),
        Column("high", "Kết quả từ mức bình quân trở lên", ColumnKind.TEXT, 38),
    )
    rows = (
        _matrix_row(found, "high", "Gắn nhiều hơn mức chia đều", Quadrant.PRIORITY, Quadrant.KEEP),
        _matrix_row(found, "low", "Gắn ít hơn mức chia đều", Quadrant.MINOR, Quadrant.SUFFICIENT),
    )
    return Table(
        "driver_matrix",
        "Ma trận mức gắn kết và kết quả",
        "Yếu tố gắn nhiều với sự hài lòng nói chung mà kết quả còn thấp nên được xem xét trước; "
        "yếu tố chưa rõ không xếp vào ô nào.",
        columns,
        rows,
        short_title="Ma trận yếu tố",
    )


def _matrix_row(found: DriverFigures, code: str, label: str, *quadrants: Quadrant) -> Row:
    cells = [_members(found, quadrant) for quadrant in quadrants]
    return Row(code, (label, *cells))


def _members(found: DriverFigures, quadrant: Quadrant) -> str:
    names = [
        wording.said(section.title)
        for section, driver in zip(found.factors, found.analysis.drivers, strict=True)
        if driver.is_clear and driver.quadrant is quadrant
    ]
    return f"{QUADRANTS[quadrant]}: {'; '.join(names)}" if names else f"{QUADRANTS[quadrant]}: –"
