"""A table as rows of text, and its places as people call them."""

import re
from dataclasses import dataclass

_PLACE = re.compile(r"dòng (\d+)(?:, cột ([A-Z]+))?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank; ``number`` is the one the spreadsheet program shows."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: all its rows that are not blank, of which one holds the headings."""

    name: str
    lines: tuple[Row, ...]
    header_index: int = 0

    @property
    def header(self) -> Row:
        return self.lines[self.header_index]

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.lines[self.header_index + 1 :]


def column_letter(index: int) -> str:
    """The letters over a column, counted from 0: A … Z, AA …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_place(row: int, letter: str = "") -> str:
    """A place in a table as people read it: "dòng 5, cột C"."""
    return f"dòng {row}, cột {letter}" if letter else f"dòng {row}"


def place_at(text: str) -> tuple[int, str] | None:
    """The row and the column ("" = the whole row) that such a place names; None for no place."""
    match = _PLACE.match(text)
    return (int(match[1]), match[2] or "") if match else None


def place_order(place: str) -> tuple[int, str]:
    """By which mistakes are sorted: the row and the column of such a place."""
    return place_at(place) or (0, "")
