"""Standings → Report: the tables and facts that Excel and JSON are made of."""

from collections.abc import Iterator
from datetime import date

from survey_app.i18n import format_date
from survey_app.reporting import formats, tables
from survey_app.reporting.report import Block as ReportBlock
from survey_app.reporting.report import (
    Chapter,
    Column,
    ColumnKind,
    Facts,
    KeyFigure,
    KeyFigures,
    Letterhead,
    Paragraphs,
    Percent,
    Report,
    Row,
    Table,
)
from survey_app.reporting.results import integrity, standings
from survey_app.reporting.results.standings import Block, Groups, Place, Standings, Unranked
from survey_app.text import clean_line, file_stem

TEXT, COUNT, PERCENT = ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.PERCENT
INTERVAL = ColumnKind.INTERVAL


def compose_standings(found: Standings, *, dated: date) -> Report:
    """The document of some standings, dated ``dated``, ready for Excel and JSON."""
    survey = found.survey
    method = Chapter(
        "method", "Phương pháp", (Facts("method", tuple(standings.method_facts(found))),)
    )
    period = f"{format_date(survey.starts_on)}–{format_date(survey.ends_on)}"
    return Report(
        title=standings.title(found),
        subtitle=f"{found.scope}; {period}",
        letterhead=_letterhead(found, dated),
        chapters=(*(_chapter(block, found.confidence) for block in found.blocks), method),
        data_until=found.data_until,
        is_demo=survey.is_demo,
        file_stem=f"KhoangHang_{file_stem(survey.code)}_{file_stem(found.chosen or 'none')}"
        + ("" if found.boundaries is None else "_DiaGioiHienNay"),
        source=survey.source,
    )


def _letterhead(found: Standings, dated: date) -> Letterhead:
    """No official paper: only whose units these are, and the day."""
    return Letterhead("", clean_line(found.scope), "", dated, "", "", ())


def _chapter(block: Block, confidence: float) -> Chapter:
    blocks: list[ReportBlock] = [KeyFigures("key", tuple(_key_figures(block)))]
    texts = standings.group_sentences(block)
    if texts:
        blocks.append(Paragraphs(texts))
    made = (
        _places(block, confidence),
        _groups(block),
        _pairs(block),
        _unranked(block, confidence),
    )
    blocks += [table for table in made if table.rows]
    blocks += _quality(block, confidence)
    return Chapter(block.code, block.name, tuple(blocks))


def _quality(block: Block, confidence: float) -> Iterator[ReportBlock]:
    if block.quality is None:
        return
    yield integrity.key_figures(block.quality, f"{block.code}.")
    if block.by_unit:
        yield integrity.by_unit(block.code, block.name, block.by_unit, confidence)
        yield integrity.by_flag(block.quality, f"_{block.code}", block.name)


def _key_figures(block: Block) -> Iterator[KeyFigure]:
    def code(name: str) -> str:
        return f"{block.code}.{name}"

    ranked = f"trên {formats.count(block.units)} đơn vị của khối"
    label = f"{block.name}: số đơn vị được xếp hạng"
    yield KeyFigure(label, len(block.places), note=ranked, code=code("ranked"))
    label = f"{block.name}: số phiếu của các đơn vị được xếp hạng"
    yield KeyFigure(label, block.sheets, code=code("sheets"))
    if block.mean is not None:
        label = f"{block.name}: bình quân khối"
        cell, note = tables.share(block.mean), standings.mean_note(block)
        yield KeyFigure(label, cell, block.mean.interval, note, code("mean"))


def _places(block: Block, confidence: float) -> Table:
    columns = (
        Column("rank", "Hạng theo mẫu", COUNT, 6),
        Column("rank_low", "Khoảng hạng: từ hạng", COUNT, 6),
        Column("rank_high", "Khoảng hạng: đến hạng", COUNT, 6),
        Column("unit", "Đơn vị", TEXT, 26),
        Column("n", "Số phiếu", COUNT, 6),
        Column("population", "Số hồ sơ trong kỳ", COUNT, 8),
        Column("index", "Chỉ số hài lòng", PERCENT, 8),
        Column("interval", tables.interval_heading(confidence), INTERVAL, 12),
        Column("standard_error", "Sai số chuẩn để so sánh", PERCENT, 8),
        Column("difference", "Chênh lệch với bình quân khối", PERCENT, 8),
        Column("p_value", "Giá trị p (Holm)", PERCENT, 8),
        Column("verdict", "So với bình quân khối", TEXT, 12),
    )
    return Table(
        f"standings_{block.code}",
        f"Khoảng hạng: {block.name}",
        "Xếp theo chỉ số; hạng theo mẫu chỉ có nghĩa cùng với khoảng hạng.",
        columns,
        tuple(_place(place) for place in block.places),
        short_title=block.name,
    )


def _place(place: Place) -> Row:
    cells = (
        place.ranks.rank,
        place.ranks.low,
        place.ranks.high,
        place.name,
        place.n,
        place.population,
        tables.share(place.index),
        tables.bounds(place.index),
        Percent(place.standard_error),
        Percent(place.difference),
        Percent(place.p_value),
        place.verdict.value,
    )
    return Row(place.code, cells)


def _groups(block: Block) -> Table:
    note = "Hai đơn vị bất kỳ trong nhóm chưa phân biệt được; một đơn vị có thể thuộc nhiều nhóm."
    caption = f"Các nhóm chưa phân biệt được: {block.name}"
    return _listed(f"groups_{block.code}", caption, note, block.groups, f"Nhóm {block.name}")


def _pairs(block: Block) -> Table:
    note = "Các cặp chưa phân biệt được nhưng không cùng nằm trong một nhóm liền nhau."
    caption = f"Các cặp khác chưa phân biệt được: {block.name}"
    return _listed(f"pairs_{block.code}", caption, note, block.pairs, f"Cặp {block.name}")


def _listed(code: str, caption: str, note: str, groups: Groups, short_title: str) -> Table:
    columns = (
        Column("group", "Số thứ tự", COUNT, 10),
        Column("size", "Số đơn vị", COUNT, 10),
        Column("units", "Các đơn vị chưa phân biệt được", TEXT, 80),
    )
    rows = (
        Row(str(number), (number, len(group), "; ".join(group)))
        for number, group in enumerate(groups, 1)
    )
    return Table(code, caption, note, columns, tuple(rows), short_title=short_title)


def _unranked(block: Block, confidence: float) -> Table:
    columns = (
        Column("unit", "Đơn vị", TEXT, 45),
        Column("n", "Số phiếu", COUNT, 15),
        Column("index", "Chỉ số hài lòng", PERCENT, 20),
        Column("interval", tables.interval_heading(confidence), INTERVAL, 20),
    )
    return Table(
        f"unranked_{block.code}",
        f"{standings.why_unranked(block)}: {block.name}",
        "Các đơn vị này đứng riêng, không có hạng.",
        columns,
        tuple(_apart(unit) for unit in block.unranked),
        short_title=f"Chưa xếp {block.name}",
    )


def _apart(unit: Unranked) -> Row:
    n = standings.sheets(None) if unit.n is None else unit.n
    return Row(unit.code, (unit.name, n, tables.share(unit.index), tables.bounds(unit.index)))
