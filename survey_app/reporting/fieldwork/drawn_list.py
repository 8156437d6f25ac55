"""A drawn list → Report: the dossiers to be asked, and how anybody can draw the same ones again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from survey_app.clock import local, local_date
from survey_app.i18n import format_date
from survey_app.reporting import formats
from survey_app.reporting.report import (
    Block,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    KeyFigure,
    KeyFigures,
    Letterhead,
    Number,
    Report,
    Row,
    Table,
)
from survey_app.text import clean_line, file_stem

TEXT, COUNT, DECIMAL = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.DECIMAL

METHODS = {
    "simple": "Ngẫu nhiên đơn giản",
    "systematic": "Ngẫu nhiên hệ thống",
    "pps": "Xác suất tỷ lệ với quy mô",
}
ALLOCATIONS = {
    "none": "Không phân tầng",
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
    "Mã kiểm tra (SHA-256) được tính từ ngày của danh sách và từng dòng theo thứ tự; danh sách "
    "giống hệt thì có mã kiểm tra giống hệt. Kiểm tra: hailong sample verify."
)


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
class DrawnTarget:
    """What n was reckoned from, and what came out: as kept with the draw, never reckoned again.

    margin, confidence, response_rate (None = every sheet comes back): proportions. required:
    valid answers; issued: sheets to have them; ministry: the number by the guidance of 2013.
    """

    margin: float
    confidence: float
    response_rate: float | None
    required: int
    issued: int
    ministry: int


@dataclass(frozen=True)
class DrawnList:
    """One draw with all that is needed to understand and to repeat it.

    ``target`` is None where n was given by hand.
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
    target: DrawnTarget | None
    is_demo: bool
    dossiers: tuple[DrawnDossier, ...]


def compose_drawn_list(drawn: DrawnList) -> Report:
    """The document of a draw: its numbers, the chosen dossiers, its strata if there are any, and
    how it was made."""
    stem = f"{file_stem(drawn.survey_code)}_{file_stem(drawn.unit_code)}_{drawn.number}"
    strata = (_strata(drawn),) if drawn.strata else ()
    facts = Facts("method", (*method_facts(drawn), *_notes(drawn)))
    return Report(
        title=f"Danh sách hồ sơ được chọn: {clean_line(drawn.unit_name)}",
        subtitle=clean_line(drawn.survey_title),
        letterhead=Letterhead(
            "", clean_line(drawn.unit_name), "", local_date(drawn.drawn_at), "", "", ()
        ),
        chapters=(
            Chapter("overall", "Lần chọn", (_numbers(drawn),)),
            Chapter("dossiers", "Hồ sơ được chọn", (_dossiers(drawn), *strata)),
            Chapter("method", "Cách chọn", (facts,)),
        ),
        data_until=drawn.as_of,
        is_demo=drawn.is_demo,
        file_stem=f"DanhSachChonMau_{stem}",
        source=f"{drawn.survey_code}; {drawn.fingerprint}",
    )


def method_facts(drawn: DrawnList) -> Iterator[tuple[str, str]]:
    """How the list was drawn, in pairs of name and words: for the document and for the page."""
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
    yield "Mã kiểm tra của danh sách", drawn.fingerprint


def size_words(drawn: DrawnList) -> str:
    """How n came about: the target, both formulas, or that it was given."""
    target = drawn.target
    if target is None:
        return "Số lượng do người chọn mẫu ấn định."
    coming_back = (
        "Dự kiến mọi phiếu đều thu về"
        if target.response_rate is None
        else f"Tỷ lệ thu về dự kiến {formats.percent_as_written(target.response_rate)}"
    )
    return (
        f"Sai số {formats.margin(target.margin)}, độ tin cậy "
        f"{formats.confidence_level(target.confidence)}, p = 0,5: "
        "n₀ = z²·p·(1 − p)/e², n = n₀/(1 + (n₀ − 1)/N); "
        f"cần {formats.count(target.required)} phiếu hợp lệ. "
        f"{coming_back}: phát {formats.count(target.issued)} phiếu. "
        "Công thức n = N/(1 + N·e²) của hướng dẫn năm 2013 của Bộ Nội vụ: "
        f"{formats.count(target.ministry)} phiếu."
    )


def _numbers(drawn: DrawnList) -> Block:
    """The numbers of the draw, and of its target if it has one."""
    figures = [
        KeyFigure("Số hồ sơ trong danh sách (N)", drawn.population, code="population"),
        KeyFigure("Số hồ sơ được chọn (n)", drawn.n, code="n"),
    ]
    if drawn.target:
        figures += [
            KeyFigure("Phiếu hợp lệ cần có", drawn.target.required, code="required"),
            KeyFigure("Phiếu cần phát", drawn.target.issued, code="issued"),
            KeyFigure("Theo hướng dẫn năm 2013", drawn.target.ministry, code="ministry"),
        ]
    return KeyFigures("overall", tuple(figures))


def _dossiers(drawn: DrawnList) -> Table:
    """The chosen dossiers in the order of the list."""
    columns = (
        Column("number", "Số thứ tự", COUNT, 10),
        Column("identifier", "Mã hồ sơ", TEXT, 34),
        Column("stratum", "Lĩnh vực (tầng)", TEXT, 26),
        Column("probability", "Xác suất chọn", DECIMAL, 15),
        Column("weight", "Trọng số thiết kế", DECIMAL, 15),
    )
    rows = tuple(
        Row(
            str(dossier.number),
            (
                dossier.number,
                ERASED if dossier.identifier is None else dossier.identifier,
                dossier.stratum,
                Number(dossier.probability, 6),
                Number(dossier.weight, 4),
            ),
        )
        for dossier in drawn.dossiers
    )
    return Table(
        "dossiers",
        f"Hồ sơ được chọn: {clean_line(drawn.unit_name)}",
        "Theo thứ tự của danh sách. Trọng số thiết kế: số hồ sơ của danh sách mà hồ sơ được chọn "
        "đại diện.",
        columns,
        rows,
        short_title="Hồ sơ được chọn",
    )


def _strata(drawn: DrawnList) -> Table:
    """How the sample was divided among the strata of the list."""
    columns = (
        Column("stratum", "Tầng", TEXT, 50),
        Column("population", "Số hồ sơ (N)", COUNT, 25),
        Column("n", "Số hồ sơ được chọn (n)", COUNT, 25),
    )
    return Table(
        "strata",
        "Các tầng của danh sách",
        f"{ALLOCATIONS[drawn.allocation]}; mỗi tầng được chọn riêng.",
        columns,
        tuple(Row(s.name, (s.name, s.population, s.n)) for s in drawn.strata),
        short_title="Các tầng",
    )


def _notes(drawn: DrawnList) -> Iterator[tuple[str, str]]:
    """What anybody needs to draw the same dossiers again."""
    yield "Các bước chọn", _STEPS[drawn.method]
    yield "Số ngẫu nhiên", _RANDOM
    if drawn.strata:
        yield "Số ngẫu nhiên của từng tầng", _RANDOM_BY_STRATUM
    yield "Trọng số thiết kế", "1/π: số hồ sơ của danh sách mà hồ sơ được chọn đại diện."
    yield "Kiểm tra lại", _FINGERPRINT
