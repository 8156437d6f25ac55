"""A unit among its like: its index beside the mean of its block, and the ranks it may have."""

from collections.abc import Iterator

from survey_app.reporting import formats, tables, wording
from survey_app.reporting.figures.satisfaction import OverallFigures
from survey_app.reporting.figures.several_units import BlockStanding, Verdict
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Block, Column, ColumnKind, Paragraphs, Row, Table
from survey_app.text import clean_line


def blocks(figures: UnitFigures, whole: OverallFigures) -> Iterator[Block]:
    """The table and the sentence; nothing for a unit that stands in no block."""
    standing = figures.block
    if standing is None:
        return
    columns = (
        Column("unit", "So sánh trong khối", ColumnKind.TEXT, 40),
        Column("chart", "Thang 0–100%", ColumnKind.DRAWING, 28),
        Column("index", "Chỉ số", ColumnKind.PERCENT, 14),
        Column("interval", tables.interval_heading(figures.confidence), ColumnKind.INTERVAL, 18),
    )
    name = clean_line(standing.block)
    mean = f"Bình quân khối “{name}” ({formats.count(standing.units)} đơn vị)"
    rows = [
        Row(code, (label, tables.bar(index), tables.share(index), tables.bounds(index)))
        for code, label, index in (
            ("unit", clean_line(figures.unit.name), whole.index),
            ("block_mean", mean, standing.mean),
        )
    ]
    description = f"Các đơn vị cùng loại trong cuộc khảo sát này có từ {standing.minimum} phiếu."
    yield Table(
        "block",
        "Chỉ số hài lòng chung so với bình quân khối",
        description,
        columns,
        tuple(rows),
        short_title="So với khối",
    )
    yield Paragraphs((_sentence(standing, figures.confidence),))


def facts(figures: UnitFigures) -> Iterator[tuple[str, str]]:
    """How these numbers were made."""
    if figures.block is not None:
        yield (
            "So với bình quân khối",
            "kiểm định hai phía về chỉ số trừ bình quân của khối (gồm cả đơn vị này) với sai số "
            "chuẩn ổn định, hiệu chỉnh Holm cho mọi đơn vị trong khối; khoảng hạng của riêng đơn "
            "vị theo Mogstad, Romano, Shaikh và Wilhelm (2024)",
        )


def _sentence(standing: BlockStanding, confidence: float) -> str:
    amount = f"{formats.percent_number(abs(standing.difference))} điểm %"
    side = "cao hơn" if standing.difference > 0 else "thấp hơn"
    p_value = f"{formats.p_in_a_sentence(standing.p_value)} sau hiệu chỉnh Holm"
    if standing.verdict is Verdict.UNCLEAR:
        said = (
            f"Chỉ số của đơn vị {side} bình quân khối {amount}; chênh lệch này "
            f"{wording.NOT_SIGNIFICANT} ({p_value}): chưa phân biệt được đơn vị với bình quân khối."
        )
    else:
        said = (
            f"Chỉ số của đơn vị {standing.verdict.value} bình quân khối {amount}; chênh lệch này "
            f"{wording.SIGNIFICANT} ({p_value})."
        )
    ranks = standing.ranks
    span = f"là {ranks.low}"
    if ranks.low < ranks.high:
        span = f"nằm trong khoảng từ {ranks.low} đến {ranks.high}"
    level = formats.confidence_level(confidence)
    return (
        f"{said} Hạng theo mẫu là {ranks.rank} trên {standing.units}; với độ tin cậy {level} cho "
        f"riêng đơn vị này, hạng thật {span}."
    )
