"""A drawn list → Excel: the dossiers to be asked, and how anybody can draw the same ones again."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from survey_app.clock import local
from survey_app.i18n import format_date
from survey_app.reporting import formats, wording
from survey_app.sampling.size import SampleSize
from survey_app.text import file_stem

METHODS = {
    "simple": "Ngẫu nhiên đơn giản",
    "systematic": "Ngẫu nhiên hệ thống",
    "pps": "Xác suất tỷ lệ với quy mô",
}
ALLOCATIONS = {
    "": "Không phân tầng",
    "proportional": "Phân tầng, phân bổ theo tỷ lệ",
    "equal": "Phân tầng, phân bổ đều",
}
ERASED = "(đã xóa)"
#: What the computer did, in steps that can be repeated with any program that has PCG64.
_STEPS = {
    "simple": (
        "Mỗi hồ sơ, theo thứ tự của danh sách, nhận một số ngẫu nhiên u trong [0, 1); chọn n hồ sơ "
        "có u nhỏ nhất. Xác suất chọn π = n/N."
    ),
    "systematic": (
        "Lấy một số ngẫu nhiên u trong [0, 1); chọn các hồ sơ ở vị trí ⌊(u + i)·N/n⌋, "
        "i = 0, 1, …, n − 1, vị trí đếm từ 0. Xác suất chọn π = n/N."
    ),
    "pps": (
        "Xác suất chọn π = n·x/Σx với x là quy mô; hồ sơ có π từ 1 trở lên được chọn chắc chắn, "
        "phần còn lại chia cho các hồ sơ khác. Lấy một số ngẫu nhiên u trong [0, 1); cộng dồn π "
        "theo thứ tự danh sách và chọn hồ sơ tại các mốc u, u + 1, u + 2, …"
    ),
}
_RANDOM = (
    "Số ngẫu nhiên: bộ sinh PCG64 của NumPy với hạt giống đã ghi, "
    "numpy.random.Generator(numpy.random.PCG64(hạt giống)).random()."
)
_RANDOM_BY_STRATUM = (
    "Mỗi tầng được chọn riêng với hạt giống riêng: hai số 32 bit (w0, w1) của "
    "numpy.random.SeedSequence([hạt giống, *tên tầng theo UTF-8]).generate_state(2), "
    "ghép thành w0·2³² + w1."
)
_FINGERPRINT = (
    "Dấu vân tay (SHA-256) được tính từ ngày của danh sách và từng dòng theo thứ tự; danh sách "
    "giống hệt thì có dấu vân tay giống hệt. Kiểm tra: hailong sample verify."
)
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "font_color": "#55626f"},
    "demo": {"bold": True, "font_color": "#a61c1c"},
    "head": {"bold": True, "text_wrap": True, "bg_color": "#eef1f3", "bottom": 1},
    "text": {"text_wrap": True, "valign": "top"},
    "code": {"num_format": "@"},
    "count": {"num_format": "#,##0"},
    "share": {"num_format": "0.000000"},
    "weight": {"num_format": "0.0000"},
}


@dataclass(frozen=True)
class DrawnStratum:
    """A stratum of the list: N_h dossiers, of which n_h are drawn."""

    name: str
    population: int
    n: int


@dataclass(frozen=True)
class DrawnDossier:
    """A chosen dossier; ``probability``: its inclusion probability, a proportion above 0."""

    number: int
    identifier: str | None
    stratum: str
    probability: float

    @property
    def weight(self) -> float:
        """The design weight: how many dossiers of the list this one stands for."""
        return 1 / self.probability


@dataclass(frozen=True)
class DrawnList:
    """One draw with all that is needed to understand and to repeat it.

    ``size``: what was reckoned from the target, None where n was given by hand; ``margin`` and
    ``response_rate``: that target, proportions.
    """

    draw_id: int
    survey_code: str
    survey_title: str
    unit_code: str
    unit_name: str
    number: int
    as_of: date
    drawn_at: datetime
    drawn_by: str
    reason: str
    population: int
    n: int
    method: str
    allocation: str
    strata: tuple[DrawnStratum, ...]
    seed: int
    fingerprint: str
    margin: float | None
    response_rate: float | None
    size: SampleSize | None
    is_demo: bool
    dossiers: tuple[DrawnDossier, ...]

    @property
    def filename(self) -> str:
        stem = f"{file_stem(self.survey_code)}_{file_stem(self.unit_code)}_{self.number}"
        return f"DanhSachChonMau_{stem}.xlsx"


def render_drawn_list(drawn: DrawnList) -> bytes:
    """The workbook: the chosen dossiers, how they were chosen, and the strata if there are any."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        created = local(drawn.drawn_at).replace(tzinfo=None)
        book.set_properties({"title": _title(drawn), "created": created})
        looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
        _write_dossiers(book, looks, drawn)
        _write_method(book, looks, drawn)
        if drawn.strata:
            _write_strata(book, looks, drawn)
    return out.getvalue()


def method_facts(drawn: DrawnList) -> Iterator[tuple[str, str]]:
    """How the list was drawn, in pairs of name and words: for the workbook and for the page."""
    yield "Mã lần chọn", str(drawn.draw_id)
    yield "Cuộc khảo sát", f"{drawn.survey_title} ({drawn.survey_code})"
    yield "Đơn vị", f"{drawn.unit_name} ({drawn.unit_code})"
    yield "Lần chọn thứ", str(drawn.number)
    if drawn.reason:
        yield "Lý do chọn lại", drawn.reason
    yield "Thời điểm chọn", f"{local(drawn.drawn_at):%H:%M %d/%m/%Y}"
    yield "Người chọn", drawn.drawn_by or "dòng lệnh"
    yield "Danh sách tính đến ngày", format_date(drawn.as_of)
    yield "Số hồ sơ trong danh sách (N)", formats.count(drawn.population)
    yield "Số hồ sơ được chọn (n)", formats.count(drawn.n)
    yield "Cách tính n", size_words(drawn)
    yield "Phương pháp chọn", METHODS[drawn.method]
    yield "Phân tầng", ALLOCATIONS[drawn.allocation]
    yield "Hạt giống", str(drawn.seed)
    yield "Dấu vân tay của danh sách", drawn.fingerprint


def size_words(drawn: DrawnList) -> str:
    """How n came about: the target, both formulas, or that it was given."""
    if drawn.size is None or drawn.margin is None:
        return "Số lượng do người chọn mẫu ấn định."
    rate = drawn.response_rate or 1.0
    words = (
        f"Sai số {formats.margin(drawn.margin)}, độ tin cậy 95%, p = 0,5: "
        "n₀ = z²·p·(1 − p)/e², n = n₀/(1 + (n₀ − 1)/N); "
        f"cần {formats.count(drawn.size.n)} phiếu hợp lệ. "
        f"Tỷ lệ thu về dự kiến {formats.confidence_level(rate)}: "
        f"phát {formats.count(drawn.size.issued)} phiếu."
    )
    if drawn.size.ministry is not None:
        words += (
            " Công thức n = N/(1 + N·e²) của hướng dẫn năm 2013 của Bộ Nội vụ: "
            f"{formats.count(drawn.size.ministry)} phiếu."
        )
    return words


def _title(drawn: DrawnList) -> str:
    return f"Danh sách hồ sơ được chọn: {drawn.unit_name}"


def _sheet(book: Any, looks: dict[str, Any], name: str, drawn: DrawnList) -> tuple[Any, int]:
    """A new sheet with its title; the sheet and the row where its head belongs."""
    sheet = book.add_worksheet(name)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    lines = [(_title(drawn), "title"), (drawn.survey_title, "note")]
    if drawn.is_demo:
        lines.insert(0, (f"{wording.DEMO_MARK} – không có giá trị sử dụng", "demo"))
        sheet.set_header(f"&C{wording.DEMO_MARK}")
    for row, (text, look) in enumerate(lines):
        sheet.write_string(row, 0, text, looks[look])
    return sheet, len(lines) + 1


def _head(sheet: Any, looks: dict[str, Any], row: int, headings: tuple[str, ...]) -> None:
    for place, heading in enumerate(headings):
        sheet.write_string(row, place, heading, looks["head"])
    sheet.freeze_panes(row + 1, 0)
    sheet.repeat_rows(row)


def _write_dossiers(book: Any, looks: dict[str, Any], drawn: DrawnList) -> None:
    sheet, row = _sheet(book, looks, "Hồ sơ được chọn", drawn)
    headings = ("Số thứ tự", "Mã hồ sơ", "Lĩnh vực (tầng)", "Xác suất chọn", "Trọng số thiết kế")
    _head(sheet, looks, row, headings)
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 2, 32)
    sheet.set_column(3, 4, 16)
    for line, dossier in enumerate(drawn.dossiers, row + 1):
        sheet.write_number(line, 0, dossier.number, looks["count"])
        sheet.write_string(line, 1, dossier.identifier or ERASED, looks["code"])
        sheet.write_string(line, 2, dossier.stratum, looks["code"])
        sheet.write_number(line, 3, dossier.probability, looks["share"])
        sheet.write_number(line, 4, dossier.weight, looks["weight"])
    sheet.autofilter(row, 0, row + len(drawn.dossiers), len(headings) - 1)


def _write_method(book: Any, looks: dict[str, Any], drawn: DrawnList) -> None:
    sheet, row = _sheet(book, looks, "Cách chọn", drawn)
    _head(sheet, looks, row, ("Mục", "Nội dung"))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    random = [_RANDOM, _RANDOM_BY_STRATUM] if drawn.strata else [_RANDOM]
    notes = [
        ("Các bước chọn", _STEPS[drawn.method]),
        *(("Số ngẫu nhiên", words) for words in random),
        ("Trọng số thiết kế", "1/π: số hồ sơ của danh sách mà hồ sơ được chọn đại diện."),
        ("Kiểm tra lại", _FINGERPRINT),
    ]
    for line, pair in enumerate([*method_facts(drawn), *notes], row + 1):
        for place, text in enumerate(pair):
            sheet.write_string(line, place, text, looks["text"])


def _write_strata(book: Any, looks: dict[str, Any], drawn: DrawnList) -> None:
    sheet, row = _sheet(book, looks, "Các tầng", drawn)
    _head(sheet, looks, row, ("Tầng", "Số hồ sơ (N)", "Số hồ sơ được chọn (n)"))
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 2, 16)
    for line, stratum in enumerate(drawn.strata, row + 1):
        sheet.write_string(line, 0, stratum.name, looks["text"])
        sheet.write_number(line, 1, stratum.population, looks["count"])
        sheet.write_number(line, 2, stratum.n, looks["count"])
