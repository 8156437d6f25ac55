"""The chapter on the sheets themselves: how many are flagged, why, and what excluding them does."""

from collections.abc import Iterable, Iterator

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import Estimate
from survey_app.integrity import recent, sheet
from survey_app.integrity.flags import Flag
from survey_app.reporting import formats, tables
from survey_app.reporting.figures.quality import SheetQuality, UnitQuality, VerdictCounts
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import (
    Block,
    Cell,
    Chapter,
    Column,
    ColumnKind,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Row,
    Table,
)

TITLE = "Chất lượng phiếu trả lời"
_MINUTES = formats.count(int(recent.MEMORY.total_seconds()) // 60)

NAMES = {
    Flag.TOO_FAST: "Trả lời quá nhanh",
    Flag.STRAIGHT_LINE: "Vội và chọn một mức cho mọi tiêu chí",
    Flag.BURST: "Nhiều phiếu dồn dập",
    Flag.IDENTICAL: "Các phiếu liền nhau giống hệt",
    Flag.REPEATED_COMMENT: "Ý kiến lặp lại nguyên văn",
    Flag.OUT_OF_HOURS: "Ngoài giờ làm việc",
    Flag.OLD_VERSION: "Bộ câu hỏi phiên bản trước",
    Flag.FROM_FILE: "Nhập từ tệp của kiosk",
}
RULES = {
    Flag.TOO_FAST: f"dưới {sheet.LEAST_SECONDS_A_QUESTION:.0f} giây cho mỗi câu đã trả lời",
    Flag.STRAIGHT_LINE: (
        f"cùng một mức, dù là mức nào, ở từ {sheet.SHORT_BATTERY} tiêu chí và dưới "
        f"{sheet.HURRIED_SECONDS_A_QUESTION:.0f} giây mỗi câu; hoặc ở từ {sheet.LONG_BATTERY} tiêu "
        "chí"
    ),
    Flag.BURST: (
        f"một điểm thu thập có hơn {recent.MOST_OF_A_DEVICE} phiếu (thiết bị đặt tại chỗ) hoặc hơn "
        f"{recent.MOST_OF_A_LINK} phiếu (đường dẫn) trong {_MINUTES} phút; mọi phiếu của điểm đó "
        "trong giờ ấy được đánh dấu"
    ),
    Flag.IDENTICAL: (
        f"từ phiếu thứ {recent.IDENTICAL_RUN} liền nhau có cùng mọi câu trả lời (từ "
        f"{recent.FEWEST_ALIKE} câu)"
    ),
    Flag.REPEATED_COMMENT: (
        f"ý kiến từ {recent.LONG_TEXT} ký tự trùng với ý kiến trước đó về cùng đơn vị"
    ),
    Flag.OUT_OF_HOURS: (
        "phiếu tại thiết bị hoặc phỏng vấn ngoài khung giờ từ thứ Hai đến thứ Sáu, 7 giờ đến 17 "
        "giờ 30 (xét theo giờ tròn)"
    ),
    Flag.OLD_VERSION: "phiếu theo phiên bản đã công bố trước của cùng bộ câu hỏi, vẫn hợp lệ",
    Flag.FROM_FILE: "phiếu do cơ quan nhập từ tệp xuất trên kiosk, không do chính thiết bị gửi",
}
#: What a count that is hidden is said to be.
FEW = f"ít hơn {MINIMUM_BASE}"
ASIDE = (
    "Đánh dấu là dấu hiệu cần xem lại, không phải kết luận phiếu gian dối; không xét mức hài lòng. "
    "Phiếu được đánh dấu vẫn tính vào kết quả, trừ khi người có thẩm quyền quyết định loại, có "
    "nêu lý do; phiếu bị loại vẫn được lưu và có thể được đưa lại."
)


def integrity(figures: UnitFigures) -> Chapter | None:
    """The chapter; it stands in every report of a unit or of several joined."""
    quality = figures.quality
    if quality is None:
        return None
    texts = [" ".join(sentences(quality)), ASIDE]
    blocks: list[Block] = [Paragraphs(tuple(texts)), key_figures(quality)]
    if quality.by_flag:
        blocks.append(by_flag(quality))
    if quality.everything is not None and figures.overall is not None:
        blocks.append(_both(figures, figures.overall.index, quality.everything))
    return Chapter("quality", TITLE, tuple(blocks))


def counts_sentence(quality: SheetQuality) -> str:
    """How many sheets are flagged and what became of them."""
    total = quality.total
    return (
        f"Số phiếu được đánh dấu cần xem lại và chưa xem xét: {said(total.waiting)} phiếu; đã xem "
        f"xét và giữ lại: {said(total.accepted)} phiếu; đã loại khỏi kết quả: "
        f"{said(total.excluded)} phiếu."
    )


def sentences(quality: SheetQuality) -> Iterator[str]:
    """How many sheets are flagged and how many excluded, in words."""
    yield counts_sentence(quality)
    if quality.total.excluded == 0:
        yield "Chưa có phiếu nào bị loại nên chỉ số có và không có phiếu bị loại như nhau."
    elif quality.everything is None:
        yield (
            f"Số phiếu bị loại ít hơn {MINIMUM_BASE} phiếu hoặc số phiếu còn lại không đủ, nên chỉ "
            "nêu một chỉ số, để không suy ra được câu trả lời của các phiếu đó."
        )


def aside(quality: SheetQuality | None) -> str:
    """What stands behind the number of sheets, beginning with a space: how many of them were left
    unfinished, and how many others were excluded."""
    text = ""
    if quality is not None and quality.partial != 0:
        text += f" Trong đó {said(quality.partial)} phiếu dở dang, chỉ tính ở những câu đã trả lời."
    if quality is not None and quality.total.excluded != 0:
        text += (
            f" Ngoài ra có {said(quality.total.excluded)} phiếu đã bị loại sau khi xem xét: xem "
            f"phần “{TITLE}”."
        )
    return text


def said(count: int | None) -> str:
    """A number of sheets, or that it is small.

    >>> said(12), said(None)
    ('12', 'ít hơn 5')
    """
    return FEW if count is None else formats.count(count)


def key_figures(quality: SheetQuality, prefix: str = "") -> KeyFigures:
    """The same as numbers, for every form of the report."""
    total = quality.total
    found = (
        ("flagged_waiting", "Chưa xem xét", total.waiting, "được đánh dấu; vẫn tính vào kết quả"),
        ("flagged_accepted", "Đã xem xét, giữ lại", total.accepted, "tính vào kết quả"),
        ("flagged_excluded", "Đã loại", total.excluded, "không tính vào kết quả"),
        ("partial", "Phiếu dở dang", quality.partial, "chỉ tính ở những câu đã trả lời"),
    )
    return KeyFigures(
        f"{prefix}quality",
        tuple(
            KeyFigure(label, tables.hidden_or(count), note=note, code=f"{prefix}{code}")
            for code, label, count, note in found
        ),
    )


def by_flag(quality: SheetQuality, suffix: str = "", name: str = "") -> Table:
    """Flagged sheets by reason; ``suffix`` and ``name`` tell several such tables apart."""
    columns = (
        Column("flag", "Lý do đánh dấu", ColumnKind.TEXT, 52),
        Column("waiting", "Chưa xem xét", ColumnKind.COUNT, 16),
        Column("accepted", "Giữ lại", ColumnKind.COUNT, 16),
        Column("excluded", "Đã loại", ColumnKind.COUNT, 16),
    )
    rows = tuple(
        Row(flag.name.lower(), (f"{NAMES[flag]}: {RULES[flag]}", *_cells(counts)))
        for flag, counts in quality.by_flag.items()
        if flag.name
    )
    return Table(
        f"flags{suffix}",
        f"Phiếu được đánh dấu, theo lý do{f': {name}' if name else ''}",
        f"Một phiếu có thể có nhiều lý do. Số từ 1 đến {MINIMUM_BASE - 1} được ẩn.",
        columns,
        (*rows, Row("total", ("Số phiếu được đánh dấu", *_cells(quality.total)), level=0)),
        short_title=f"Lý do đánh dấu {name}".strip(),
    )


def _cells(counts: VerdictCounts) -> tuple[Cell, ...]:
    return tuple(tables.hidden_or(n) for n in (counts.waiting, counts.accepted, counts.excluded))


def _both(figures: UnitFigures, without: Estimate, everything: Estimate) -> Table:
    columns = (
        Column("sample", "Chỉ số hài lòng chung", ColumnKind.TEXT, 36),
        Column("chart", "Thang 0–100%", ColumnKind.DRAWING, 24),
        Column("index", "Chỉ số", ColumnKind.PERCENT, 12),
        Column("interval", tables.interval_heading(figures.confidence), ColumnKind.INTERVAL, 17),
        Column("n", "Số người trả lời", ColumnKind.COUNT, 11),
    )

    def row(code: str, label: str, index: Estimate, level: int) -> Row:
        cells = (label, tables.bar(index), tables.share(index), tables.bounds(index), index.n)
        return Row(code, cells, level)

    return Table(
        "with_and_without",
        "Chỉ số không tính và có tính phiếu bị loại",
        "Dòng đầu là kết quả của báo cáo này; dòng sau cho biết việc loại phiếu làm thay đổi bao "
        "nhiêu.",
        columns,
        (
            row("without", "Không tính phiếu bị loại", without, 0),
            row("with", "Có tính phiếu bị loại", everything, 1),
        ),
        short_title="Có và không có phiếu loại",
    )


def facts(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    """How flagged and unfinished sheets count."""
    if figures.quality is not None:
        yield (
            "Phiếu được đánh dấu, phiếu dở dang",
            "phiếu được đánh dấu mà chưa xem xét vẫn tính; phiếu bị loại không tính ở bất kỳ số "
            "liệu nào; phiếu dở dang tính ở những câu đã trả lời, câu bỏ trống không tính vào cả "
            "tử số lẫn mẫu số",
        )


def by_unit(code: str, name: str, units: Iterable[UnitQuality], confidence: float) -> Table:
    """The flagged sheets of several units, each with its index without and with the excluded."""
    heading = tables.interval_heading(confidence)
    columns = (
        Column("unit", "Đơn vị", ColumnKind.TEXT, 24),
        Column("waiting", "Được đánh dấu, chưa xem xét", ColumnKind.COUNT, 9),
        Column("accepted", "Giữ lại", ColumnKind.COUNT, 8),
        Column("excluded", "Đã loại", ColumnKind.COUNT, 8),
        Column("index", "Chỉ số không tính phiếu bị loại", ColumnKind.PERCENT, 10),
        Column("interval", heading, ColumnKind.INTERVAL, 15),
        Column("index_with", "Chỉ số có tính phiếu bị loại", ColumnKind.PERCENT, 10),
        Column("interval_with", heading, ColumnKind.INTERVAL, 16),
    )

    def row(unit: UnitQuality) -> Row:
        both = unit.quality.everything
        pair = (tables.share(both), tables.bounds(both)) if both else (None, None)
        cells = _cells(unit.quality.total)
        return Row(
            unit.code,
            (unit.name, *cells, tables.share(unit.index), tables.bounds(unit.index), *pair),
        )

    return Table(
        f"quality_{code}",
        f"{TITLE}: {name}",
        f"Các đơn vị có phiếu được đánh dấu. Số từ 1 đến {MINIMUM_BASE - 1} được ẩn.",
        columns,
        tuple(row(unit) for unit in units),
        short_title=f"Phiếu {name}",
    )
