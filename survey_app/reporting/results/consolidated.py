"""What a consolidated report says of the units it joins."""

from collections.abc import Iterator

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.i18n import format_number
from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.several_units import Consolidation, Member, Weighting
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import (
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Percent,
    Row,
    Table,
    Withheld,
)
from survey_app.text import clean_line

TOO_FEW = (
    f"Chưa đủ phiếu: cần ít nhất hai đơn vị có từ {MINIMUM_BASE} phiếu để nêu kết quả tổng hợp, "
    "nhằm bảo đảm không nhận ra được người trả lời."
)


def scope_sentence(figures: UnitFigures, found: Consolidation) -> str:
    """Which units the figures join, and on how many sheets."""
    counted, all_members = len(found.counted), len(found.members)
    text = (
        f"Kết quả tổng hợp từ {formats.count(figures.n)} phiếu của {formats.count(counted)} đơn vị"
    )
    if figures.population:
        text += f", đại diện cho {formats.count(figures.population)} hồ sơ đã giải quyết trong kỳ"
    text += "."
    unknown = [clean_line(m.name) for m in found.counted if m.population is None]
    if found.weighting is Weighting.PLAIN and unknown:
        text += f" Chưa có số hồ sơ của {'; '.join(unknown)} nên các đơn vị được tính như nhau."
    left_out = all_members - counted
    if left_out:
        names = "; ".join(clean_line(m.name) for m in found.members if m.weight is None)
        text += (
            f" Có {formats.count(left_out)} đơn vị chưa đủ {MINIMUM_BASE} phiếu nên không đưa vào, "
            f"để không suy ra được người trả lời: {names}."
        )
    return text


def members(figures: UnitFigures, found: Consolidation) -> Chapter:
    """Every unit with its own index and its part in the whole, in the order of names."""
    columns = (
        Column("unit", "Đơn vị", ColumnKind.TEXT, 29),
        Column("chart", "Thang 0–100%", ColumnKind.DRAWING, 21),
        Column("index", "Chỉ số", ColumnKind.PERCENT, 11),
        Column("interval", tables.interval_heading(figures.confidence), ColumnKind.INTERVAL, 14),
        Column("n", "Số phiếu", ColumnKind.COUNT, 8),
        Column("population", "Số hồ sơ", ColumnKind.COUNT, 8),
        Column("weight", "Trọng số", ColumnKind.PERCENT, 9),
    )
    table = Table(
        "members",
        "Chỉ số hài lòng chung của từng đơn vị",
        "Xếp theo tên; thứ tự cao thấp chỉ đọc được ở bảng khoảng hạng. “Trọng số” là phần của đơn "
        "vị trong kết quả tổng hợp.",
        columns,
        tuple(_row(member) for member in found.members),
        short_title="Đơn vị",
    )
    return Chapter("members", "Kết quả theo đơn vị", (table,))


def _row(member: Member) -> Row:
    index: Estimate = member.index
    n: Cell = member.n if member.n is not None else Withheld(Reason.TOO_FEW)
    weight = Percent(member.weight, 1) if member.weight is not None else None
    return Row(
        member.code,
        (
            clean_line(member.name),
            tables.bar(index),
            tables.share(index),
            tables.bounds(index),
            n,
            member.population,
            weight,
        ),
    )


def facts(found: Consolidation) -> Iterator[tuple[str, str]]:
    """The design of the joined sample, in words."""
    if found.weighting is Weighting.DOSSIERS:
        text = (
            "mẫu phân tầng, mỗi đơn vị là một tầng; mỗi phiếu đại diện cho N/n hồ sơ của đơn vị "
            "mình; có hiệu chỉnh tổng thể hữu hạn trong từng tầng"
        )
    else:
        text = (
            "mẫu phân tầng, mỗi đơn vị là một tầng; chưa biết đủ số hồ sơ nên tổng trọng số của "
            "các đơn vị như nhau và không hiệu chỉnh tổng thể hữu hạn; ước lượng tỷ số, đơn vị có "
            "nhiều câu trả lời áp dụng có phần lớn hơn"
        )
    yield "Thiết kế mẫu", text
    if found.design_effect is not None and found.df is not None:
        yield (
            "Hệ số thiết kế",
            f"deff của chỉ số chung {format_number(found.design_effect, 2)}; bậc tự do "
            f"{formats.count(round(found.df))}",
        )
    yield "Số đếm và tỷ lệ", "số câu trả lời là số đếm; mọi tỷ lệ, chỉ số tính theo trọng số"
    yield (
        "Câu hỏi ít người trả lời",
        f"ở đơn vị nào câu hỏi có dưới {MINIMUM_BASE} câu trả lời thì các câu trả lời đó không "
        "tính vào kết quả tổng hợp; câu hỏi lựa chọn và ý kiến góp ý nêu ở báo cáo từng đơn vị",
    )


def title(name: str) -> str:
    """The report's title.

    >>> title("Tỉnh Hòa Xuân")
    'Kết quả khảo sát sự hài lòng của người dân, tổ chức tại các đơn vị thuộc tỉnh Hòa Xuân'
    """
    return f"{wording.TITLE} tại các đơn vị thuộc {wording.in_a_sentence(name)}"
