"""How well paper forms were keyed → Report: what a second keying of some of them found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from survey_app.estimation.estimate import Estimate
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.subjects import SurveySubject, UnitSubject
from survey_app.reporting.report import (
    Block,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Report,
    Row,
    Table,
)
from survey_app.reporting.results.compose import letterhead
from survey_app.text import clean_line, file_stem

#: The share of wrong fields up to which keying is called good here: 5 in 1,000.
GOOD_RATE = 0.005
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """Fields keyed twice: all of them, those of a question or of a kind of questions.

    ``disagreements``: the two keyings differ; ``undecided``: and nobody has looked at the paper;
    ``errors``: the first was wrong. ``rate``: wrong or undecided fields among ``fields``.
    """

    code: str
    label: str
    fields: int
    disagreements: int
    undecided: int
    errors: int
    rate: Estimate


@dataclass(frozen=True)
class KeyingQuality:
    """What is known of the keying of a survey's forms in some units.

    ``share``: the wished share of forms keyed again. ``sheets``: stored from paper; ``chosen``
    of them for a second keying, ``repeated`` keyed twice (``by_same_clerk`` by one person),
    ``open_forms`` with differences nobody has decided on. ``form_rate``: forms with a wrong or
    undecided field among those repeated. ``corrected``: fields corrected by the paper.
    """

    survey: SurveySubject
    unit: UnitSubject
    share: float
    sheets: int
    chosen: int
    repeated: int
    by_same_clerk: int
    open_forms: int
    corrected: int
    whole: Comparison
    form_rate: Estimate
    kinds: tuple[Comparison, ...]
    questions: tuple[Comparison, ...]
    data_until: date


def compose_quality(found: KeyingQuality, *, dated: date) -> Report:
    """The report, dated ``dated``, ready for every renderer."""
    survey = found.survey
    return Report(
        title=f"Chất lượng nhập phiếu giấy tại {wording.in_a_sentence(found.unit.name)}",
        subtitle=clean_line(survey.title),
        letterhead=letterhead(found.unit, dated, ("Lưu: VT.",)),
        chapters=tuple(_chapters(found)),
        data_until=found.data_until,
        is_demo=survey.is_demo,
        file_stem=f"ChatLuongNhapPhieu_{file_stem(survey.code)}",
        source=survey.source,
    )


def verdict(found: KeyingQuality) -> Iterator[str]:
    """What the error rate means, in sentences."""
    rate, whole = found.whole.rate, found.whole
    if not found.repeated:
        yield "Chưa có phiếu nào được nhập hai lần, nên chưa nói được gì về chất lượng nhập."
        return
    share = "" if rate.value is None else formats.percent(rate.value)
    yield (
        f"Trong {formats.count(whole.fields)} câu được nhập hai lần ở "
        f"{formats.count(found.repeated)} phiếu, có {formats.count(whole.disagreements)} câu hai "
        f"lần nhập khác nhau; lần đầu sai {formats.count(whole.errors)} câu"
        f"{_undecided(whole)}. Tỷ lệ sai của lần nhập đầu là {share}{_bounds(rate)}."
    )
    if found.corrected:
        count = formats.count(found.corrected)
        yield f"{count} câu nhập sai đã được sửa theo phiếu giấy; lỗi vẫn được tính ở đây."
    if rate.interval is None:
        yield "Số phiếu nhập hai lần còn quá ít để suy ra cho các phiếu còn lại."
        return
    yield _judgement(rate.interval.low, rate.interval.high)
    yield from _rest(found, rate.interval.low, rate.interval.high)


def _undecided(whole: Comparison) -> str:
    if not whole.undecided:
        return ""
    count = formats.count(whole.undecided)
    return f", {count} câu chưa đối chiếu với phiếu giấy và tạm tính là sai"


def _bounds(rate: Estimate) -> str:
    return f" (khoảng tin cậy 95%: {formats.interval(rate.interval)})" if rate.interval else ""


def _judgement(low: float, high: float) -> str:
    limit = formats.percent_as_written(GOOD_RATE)
    if high <= GOOD_RATE:
        return f"Có thể tin là tỷ lệ sai không quá {limit}: các phiếu chỉ nhập một lần dùng được."
    if low > GOOD_RATE:
        return (
            f"Tỷ lệ sai chắc chắn trên {limit}: nên tìm nguyên nhân ở các câu sai nhiều nhất "
            "và nhập lần hai toàn bộ số phiếu còn lại."
        )
    return (
        f"Chưa kết luận được tỷ lệ sai trên hay dưới {limit}: nên nhập lần hai thêm phiếu, trước "
        "hết là các phiếu đang chờ."
    )


def _rest(found: KeyingQuality, low: float, high: float) -> Iterator[str]:
    """What is to be expected in the forms that were keyed once."""
    once = found.sheets - found.repeated
    if once <= 0:
        return
    fields = once * found.whole.fields / found.repeated
    least, most = formats.count(round(fields * low)), formats.count(round(fields * high))
    yield (
        f"Còn {formats.count(once)} phiếu chỉ nhập một lần, khoảng {formats.count(round(fields))} "
        f"câu: nếu được nhập như các phiếu đã kiểm tra, có từ {least} đến {most} câu sai trong đó."
    )


def _chapters(found: KeyingQuality) -> Iterator[Chapter]:
    blocks: list[Block] = [KeyFigures("key", tuple(_key_figures(found)))]
    blocks.append(Paragraphs(tuple(verdict(found))))
    if found.by_same_clerk:
        text = (
            f"{formats.count(found.by_same_clerk)} phiếu do cùng một người nhập cả hai lần, theo "
            "cho phép của người quản trị: người nhập có thể lặp lại lỗi của chính mình, nên tỷ lệ "
            "sai thật có thể cao hơn."
        )
        blocks.append(Paragraphs((text,), is_caution=True))
    yield Chapter("quality", "Kết quả nhập hai lần", tuple(blocks))
    if found.repeated:
        kinds = _table("kinds", "Tỷ lệ sai theo loại câu hỏi", "Loại câu hỏi", found.kinds)
        questions = _table("questions", "Tỷ lệ sai theo câu hỏi", "Câu hỏi", found.questions)
        yield Chapter("errors", "Sai ở đâu", (kinds, questions))
    yield Chapter("method", "Phương pháp", (Facts("method", tuple(_facts(found))),))


def _key_figures(found: KeyingQuality) -> Iterator[KeyFigure]:
    note = f"đã chọn {formats.count(found.chosen)} trên {formats.count(found.sheets)} phiếu giấy"
    yield KeyFigure("Phiếu nhập hai lần", found.repeated, note=note, code="repeated")
    waiting, undecided = found.chosen - found.repeated, formats.count(found.open_forms)
    note = f"và {undecided} phiếu chờ đối chiếu với phiếu giấy"
    yield KeyFigure("Phiếu chờ nhập", waiting, note=note, code="waiting")
    if not found.repeated:
        return
    note = f"trên {formats.count(found.whole.fields)} câu"
    yield _rate("Câu sai", found.whole.rate, note, "rate")
    note = f"trên {formats.count(found.repeated)} phiếu"
    yield _rate("Phiếu có câu sai", found.form_rate, note, "forms")


def _rate(label: str, rate: Estimate, note: str, code: str) -> KeyFigure:
    return KeyFigure(label, tables.share(rate), rate.interval, note=note, code=code)


def _table(code: str, caption: str, heading: str, lines: tuple[Comparison, ...]) -> Table:
    columns = (
        Column("label", heading, ColumnKind.TEXT, 41),
        Column("fields", "Câu nhập hai lần", ColumnKind.COUNT, 11),
        Column("disagreements", "Khác nhau", ColumnKind.COUNT, 10),
        Column("undecided", "Chưa đối chiếu", ColumnKind.COUNT, 10),
        Column("errors", "Lần đầu sai", ColumnKind.COUNT, 9),
        Column("rate", "Tỷ lệ sai", ColumnKind.PERCENT, 8),
        Column("interval", tables.interval_heading(CONFIDENCE), ColumnKind.INTERVAL, 11),
    )
    return Table(
        code,
        caption,
        "Câu chưa đối chiếu với phiếu giấy tạm tính là sai.",
        columns,
        tuple(_row(line) for line in lines),
        short_title=caption.removeprefix("Tỷ lệ sai theo ").capitalize(),
    )


def _row(line: Comparison) -> Row:
    cells = (
        line.label,
        line.fields,
        line.disagreements,
        line.undecided,
        line.errors,
        tables.share(line.rate),
        tables.bounds(line.rate),
    )
    return Row(line.code, cells)


def _facts(found: KeyingQuality) -> Iterator[tuple[str, str]]:
    wished = formats.percent_as_written(found.share)
    yield (
        "Chọn phiếu",
        f"mỗi phiếu nhập lần đầu được chọn độc lập với xác suất bằng tỷ lệ đã đặt (hiện nay "
        f"{wished}), bằng mã băm có khóa bí mật của máy chủ: người nhập không biết trước phiếu nào",
    )
    yield (
        "Nhập lần hai",
        "một người khác nhập, không thấy câu trả lời đã nhập; câu trả lời bằng chữ không nhập lần "
        "hai; lần nhập thứ hai không phải là số liệu và không lên báo cáo nào khác",
    )
    yield (
        "Câu được tính",
        "câu có ghi ở ít nhất một trong hai lần nhập; câu chọn nhiều ý là một câu",
    )
    yield (
        "Tỷ lệ sai",
        "số câu lần đầu nhập sai so với phiếu giấy, cộng số câu chưa đối chiếu, chia cho số câu "
        "được tính; câu đã sửa vẫn tính là sai",
    )
    yield (
        "Khoảng tin cậy",
        "95%; chung và theo loại câu hỏi: Korn–Graubard, mỗi phiếu là một cụm (câu trên cùng một "
        "phiếu có thể cùng sai), không hiệu chỉnh tổng thể hữu hạn; khi không có câu nào sai thì "
        "coi các câu độc lập; theo câu hỏi và theo phiếu: Clopper–Pearson chính xác",
    )
    yield (
        "Mốc đánh giá",
        f"{formats.percent_as_written(GOOD_RATE)} số câu, là quy ước của phần mềm này",
    )
