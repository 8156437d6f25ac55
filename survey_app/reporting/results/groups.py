"""The chapter on groups of respondents: the index of each against all others."""

from collections.abc import Iterator

from survey_app.estimation.estimate import Reason
from survey_app.reporting import tables, wording
from survey_app.reporting.figures.groups import GroupFigures, PartitionFigures
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import (
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Paragraphs,
    Points,
    PValue,
    Row,
    Table,
    Withheld,
)

CODE, TITLE = "groups", "Khác biệt giữa các nhóm người trả lời"
#: Where the index breaks within the period; why is said in ``measure_groups``.
BROKEN = (
    "Kỳ này không có bảng theo nhóm người trả lời: bộ câu hỏi đổi phiên bản giữa kỳ, chỉ số hài "
    "lòng chung không tính phiếu của phiên bản trước, nên bảng ấy có thể để lộ câu trả lời của "
    "một vài người."
)

#: Columns after the label.
_CELLS = 7


def groups(figures: UnitFigures) -> Chapter | None:
    """The chapter; None where no two groups can be shown, but for a break within the period, of
    which a reader could not know."""
    if not figures.groups:
        return Chapter(CODE, TITLE, (Paragraphs((BROKEN,)),)) if _is_broken(figures) else None
    columns = (
        Column("group", "Nhóm người trả lời", ColumnKind.TEXT, 27),
        Column("n", "Số người", ColumnKind.COUNT, 8),
        Column("chart", "Thang 0–100%", ColumnKind.DRAWING, 17),
        Column("index", "Chỉ số", ColumnKind.PERCENT, 9),
        Column("interval", tables.interval_heading(figures.confidence), ColumnKind.INTERVAL, 12),
        Column("difference", "So với các nhóm khác, điểm %", ColumnKind.DECIMAL, 10),
        Column("p_value", "p (Holm)", ColumnKind.DECIMAL, 7),
        Column("verdict", "Có ý nghĩa thống kê", ColumnKind.TEXT, 10),
    )
    table = Table(
        "groups",
        "Chỉ số hài lòng chung theo nhóm người trả lời",
        "Chênh lệch là chỉ số của nhóm trừ chỉ số của mọi người khác trả lời cùng câu hỏi; nhóm ít "
        f"người không xét. {wording.OWN_INTERVALS} "
        f"{wording.SMALL_CHOICES}",
        columns,
        tuple(row for partition in figures.groups for row in _rows(partition)),
        short_title="Theo nhóm",
    )
    sentence = Paragraphs((_sentence(figures),))
    return Chapter(CODE, TITLE, (sentence, table))


def _is_broken(figures: UnitFigures) -> bool:
    """Whether sheets of an earlier version stay out of the index of this one unit."""
    mix = figures.versions
    if mix is None or figures.consolidation is not None or figures.boundaries:
        return False
    return any(part.index is not None and part.n != 0 for part in mix.parts)


def facts(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    """How the chapter's numbers were made, or why there are none: files have no sentences else."""
    if not figures.groups and _is_broken(figures):
        yield TITLE, BROKEN
    if figures.groups:
        yield (
            "Khác biệt giữa các nhóm",
            "mỗi nhóm so với mọi người khác trả lời cùng câu hỏi; khoảng tin cậy không hiệu chỉnh "
            "tổng thể hữu hạn; giá trị p từ khoảng MOVER của hiệu, hiệu chỉnh Holm cho mọi nhóm "
            "trong bảng",
        )


def _sentence(figures: UnitFigures) -> str:
    clear = [
        f"“{label(group)}” ({wording.said(partition.label)})"
        for partition in figures.groups
        for group in partition.groups
        if group.is_significant
    ]
    if not clear:
        return (
            "Chưa đủ căn cứ để kết luận nhóm nào khác các nhóm còn lại: mọi chênh lệch dưới đây "
            f"đều {wording.NOT_SIGNIFICANT}."
        )
    return f"Khác các nhóm còn lại, {wording.SIGNIFICANT}: {'; '.join(clear)}."


def label(group: GroupFigures) -> str:
    """A group by name; modes are named by their code."""
    return wording.mode(group.code) if group.label is None else wording.said(group.label)


def _rows(partition: PartitionFigures) -> Iterator[Row]:
    yield Row(partition.code, (wording.said(partition.label), *(None,) * _CELLS), level=0)
    for group in partition.groups:
        yield Row(f"{partition.code}.{group.code}", (label(group), *_cells(group)))


def _cells(group: GroupFigures) -> tuple[Cell, ...]:
    if group.n is None:
        return (Withheld(Reason.SUPPRESSED), *(None,) * (_CELLS - 1))
    index = group.index
    base = (group.n, tables.bar(index), tables.share(index), tables.bounds(index))
    if group.difference is None or group.p_value is None:
        return (*base, None, None, None)
    verdict = "Chưa"
    if group.is_significant:
        verdict = "Có: cao hơn" if group.difference.value > 0 else "Có: thấp hơn"
    return (*base, Points(group.difference.value), PValue(group.p_value), verdict)
