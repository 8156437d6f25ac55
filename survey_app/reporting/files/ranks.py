"""Ranks of the units in somebody's own file: the words of the page, and the Report for Excel.

Made from the document of the ranks, the very one that is given out as JSON and that is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from survey_app.i18n import format_number
from survey_app.ranking.compare import RankMethod
from survey_app.ranking.document import RankDocument, UnitDocument
from survey_app.ranking.rank_sets import RankSet
from survey_app.reporting import charts, formats
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.files.report import author_letterhead, subtitle
from survey_app.reporting.report import (
    Block,
    Cell,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    IntervalBar,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Percent,
    Report,
    Row,
    Table,
)
from survey_app.reporting.results import standings
from survey_app.text import clean_line, file_stem, sort_key

TEXT, COUNT, PERCENT = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.PERCENT
#: A group of more units is named by its first and last.
MOST_NAMED = 6
#: So many groups are told in prose; the files list them all.
MOST_GROUPS = 8

# What the page says of a place, as the standings of a survey do.
rank, rank_set, percent = standings.rank, standings.rank_set, formats.percent


@dataclass(frozen=True)
class FileRanks:
    """The ranks of a file's units, as a document, and what the file is called."""

    title: str
    filename: str
    document: RankDocument

    @property
    def units(self) -> Sequence[UnitDocument]:
        """From the highest estimate down; equals by the alphabet."""
        return sorted(self.document["units"], key=lambda u: (u["rank"], sort_key(u["unit"])))


def compose_file_ranks(found: FileRanks, author: UnitSubject | None, *, dated: date) -> Report:
    """The ranks as tables, ready for Excel."""
    document = found.document
    title = clean_line(found.title)
    blocks: list[Block] = [
        KeyFigures("key", (KeyFigure("Số đơn vị được xếp hạng", len(found.units), code="units"),)),
        Paragraphs(tuple(sentences(found))),
        _table(found),
    ]
    if document["indistinguishable"]:
        blocks.append(_groups(found))
    facts = Facts("method", tuple(method_facts(found)))
    size = f"{formats.count(len(found.units))} đơn vị"
    return Report(
        title=title,
        subtitle=subtitle(found.filename, size),
        letterhead=author_letterhead(author, dated),
        chapters=(
            Chapter("overall", "Khoảng hạng", tuple(blocks)),
            Chapter("method", "Ghi chú phương pháp", (facts,)),
        ),
        data_until=dated,
        is_demo=False,
        file_stem=f"KhoangHang_{file_stem(title)[:60]}",
        source=clean_line(found.filename),
    )


# ── words of the page ─────────────────────────────────────────────────────────────────────────


def ranks_of(unit: UnitDocument) -> RankSet:
    """The set that a published table shows: all of them hold together."""
    low, high = unit["simultaneous"]
    return RankSet(unit["rank"], low, high)


def rank_bar(unit: UnitDocument, units: int) -> Markup:
    """The rank set drawn on the line 1..units."""
    return standings.rank_bar(ranks_of(unit), units)


def estimate_bar(unit: UnitDocument) -> Markup:
    """The estimate drawn; nothing where it does not lie in 0..1."""
    value = unit["estimate"]
    return charts.svg(IntervalBar(value)) if 0 <= value <= 1 else Markup("")


def is_told_apart(found: FileRanks) -> bool:
    """Whether every rank is certain."""
    return all(unit["simultaneous"][0] == unit["simultaneous"][1] for unit in found.units)


def sentences(found: FileRanks) -> Iterator[str]:
    """Who cannot be told apart."""
    groups = found.document["indistinguishable"]
    if len(found.units) < 2:
        yield "Chỉ có một đơn vị nên không có gì để so sánh."
    elif is_told_apart(found):
        yield "Mọi đơn vị đều đã phân biệt được với nhau."
    elif any(len(group) == len(found.units) for group in groups):
        yield (
            "Chưa phân biệt được bất kỳ hai đơn vị nào: thứ tự trong bảng có thể chỉ do ngẫu nhiên."
        )
    else:
        yield "Hai đơn vị có khoảng hạng chung nhau thì chưa chắc đơn vị nào cao hơn."
        for group in groups[:MOST_GROUPS]:
            yield f"Chưa phân biệt được: {_members(group)}."
        if len(groups) > MOST_GROUPS:
            left = formats.count(len(groups) - MOST_GROUPS)
            yield f"Còn {left} nhóm nữa, có trong tệp Excel và JSON."


def _members(group: Sequence[str]) -> str:
    if len(group) > MOST_NAMED:
        size = formats.count(len(group))
        return f"{size} đơn vị liền nhau trong bảng, từ {group[0]} đến {group[-1]}"
    return f"{', '.join(group[:-1])} và {group[-1]}"


def method_facts(found: FileRanks) -> Iterator[tuple[str, str]]:
    """How the sets were made: label and text."""
    document = found.document
    level = formats.confidence_level(document["confidence"])
    yield (
        f"Khoảng hạng {level}",
        "khoảng hạng đồng thời theo Mogstad, Romano, Shaikh và Wilhelm (2024): mọi thứ hạng thật "
        f"cùng nằm trong khoảng của mình với độ tin cậy {level}. Hạng theo mẫu là 1 cộng số đơn vị "
        "có chỉ số cao hơn; các đơn vị bằng nhau cùng hạng",
    )
    yield (
        "Khoảng hạng của riêng đơn vị",
        "hẹp hơn, chỉ đúng khi xem riêng một đơn vị; không dùng để công bố cả bảng",
    )
    value = format_number(document["critical_values"]["simultaneous"], 3)
    how = "thủ tục Holm trên mọi cặp, không mô phỏng"
    if document["methods"]["simultaneous"] == RankMethod.SIMULTANEOUS:
        draws = formats.count(document["draws"])
        how = f"mô phỏng {draws} lần, hạt giống {document['seed']}"
    yield "Giá trị tới hạn", f"{value} ({how})"
    yield (
        "Chỉ số và sai số chuẩn",
        "lấy nguyên từ tệp; các đơn vị được coi là những mẫu độc lập với nhau",
    )


# ── tables ────────────────────────────────────────────────────────────────────────────────────


def _table(found: FileRanks) -> Table:
    columns = (
        Column("rank", "Hạng theo mẫu", COUNT, 8),
        Column("rank_low", "Khoảng hạng: từ hạng", COUNT, 10),
        Column("rank_high", "Khoảng hạng: đến hạng", COUNT, 10),
        Column("unit", "Đơn vị", TEXT, 28),
        Column("estimate", "Chỉ số", PERCENT, 12),
        Column("standard_error", "Sai số chuẩn", PERCENT, 12),
        Column("own_low", "Khoảng hạng của riêng đơn vị: từ hạng", COUNT, 10),
        Column("own_high", "Khoảng hạng của riêng đơn vị: đến hạng", COUNT, 10),
    )
    return Table(
        "file_ranks",
        "Khoảng hạng của các đơn vị",
        "Xếp theo chỉ số; hạng theo mẫu chỉ có nghĩa cùng với khoảng hạng.",
        columns,
        tuple(_row(unit) for unit in found.units),
        short_title="Khoảng hạng",
    )


def _row(unit: UnitDocument) -> Row:
    cells: tuple[Cell, ...] = (
        unit["rank"],
        *unit["simultaneous"],
        clean_line(unit["unit"]),
        Percent(unit["estimate"]),
        Percent(unit["standard_error"]),
        *unit["marginal"],
    )
    return Row(unit["unit"], cells)


def _groups(found: FileRanks) -> Table:
    columns = (
        Column("group", "Số thứ tự", COUNT, 10),
        Column("size", "Số đơn vị", COUNT, 10),
        Column("units", "Các đơn vị chưa phân biệt được", TEXT, 80),
    )
    rows = (
        Row(str(number), (number, len(group), "; ".join(group)))
        for number, group in enumerate(found.document["indistinguishable"], 1)
    )
    return Table(
        "file_groups",
        "Các nhóm chưa phân biệt được",
        "Hai đơn vị bất kỳ trong nhóm chưa phân biệt được; một đơn vị có thể thuộc nhiều nhóm.",
        columns,
        tuple(rows),
        short_title="Chưa phân biệt được",
    )
