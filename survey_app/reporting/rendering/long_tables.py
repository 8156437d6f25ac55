"""A report on a screen: its tables of very many units one page at a time. Papers and files have
them whole."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from survey_app.paging import Page, page_of
from survey_app.reporting import formats
from survey_app.reporting.report import Block, Report, Row, Table
from survey_app.text import fold


class OfUnit(Protocol):
    """What stands for a unit in a list."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=OfUnit)


def page_units(report: Report, wanted: str, *, number: int, size: int) -> tuple[Report, Page[Row]]:
    """The report with one page of each table of units, and the page of the longest one.

    ``wanted``: only units whose name contains the words (marks do not matter), or whose code begins
    so. Tables of no more than ``size`` units stay whole unless something is looked for.
    """
    folded = fold(wanted)
    longest: Page[Row] = page_of((), number=number, size=size)

    def shorten(block: Block) -> Block:
        nonlocal longest
        if not isinstance(block, Table) or block.columns[0].code != "unit":
            return block
        rows = [row for row in block.rows if _is_found(row.code, str(row.cells[0]), folded)]
        page = page_of(rows, number=number, size=size)
        longest = max(longest, page, key=lambda one: one.total)
        is_whole = page.total == len(block.rows) and page.pages == 1
        return block if is_whole else _showing(block, page)

    chapters = tuple(
        replace(chapter, blocks=tuple(map(shorten, chapter.blocks))) for chapter in report.chapters
    )
    return replace(report, chapters=chapters), longest


def page_named(entries: Sequence[Named], wanted: str, *, number: int, size: int) -> Page[Named]:
    """One page of the figures of units, searched in the same way."""
    folded = fold(wanted)
    found = [entry for entry in entries if _is_found(entry.code, entry.name, folded)]
    return page_of(found, number=number, size=size)


def _is_found(code: str, name: str, folded: str) -> bool:
    return code.lower().startswith(folded) or folded in fold(name)


def _showing(table: Table, page: Page[Row]) -> Table:
    whole = formats.count(len(table.rows))
    note = "không có đơn vị nào khớp với tên hoặc mã đang tìm"
    if page.entries:
        first, last = formats.count(page.first), formats.count(page.last)
        note = f"đơn vị thứ {first} đến thứ {last} trong {formats.count(page.total)} đơn vị"
    description = f"{table.description} Trang này: {note}; tệp tải về có đủ {whole} đơn vị."
    return replace(table, rows=tuple(page.entries), description=description)
