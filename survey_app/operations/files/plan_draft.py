"""An analysis plan out of a form: columns named in fields, questions told by their cells.

The draft is the plan file itself, as text: what is shown, kept and edited is what is computed.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from survey_app.errors import Invalid, Problem
from survey_app.operations.files.answer_file import (
    MOST_SECOND_HEADINGS,
    AnswerReader,
    Limits,
    open_sheet,
    parse_confidence,
    parse_number,
    without_second_headings,
)
from survey_app.operations.files.plan_file import CHOICES
from survey_app.spreadsheets.records import heading_places
from survey_app.spreadsheets.sheet import Row, Sheet, column_letter
from survey_app.text import clean_line, fold, sort_key

#: A column with more values is no grouping column.
MOST_GROUPS = 12
#: Lines above the headings that are looked through.
_LINES_ABOVE = 30
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_RANGE = re.compile(r"\s*[-–]\s*")
#: The factor of questions that were told by their cells.
ALL_QUESTIONS = "Tất cả câu hỏi"
#: Field of the form → key of the plan, for columns that a plan names one by one.
_SINGLE = {
    "weight": "weight",
    "strata": "strata",
    "clusters": "clusters",
    "population_clusters": "clusters",
    "population_members": "members",
}
_LISTED = ("factors", "domains")


@dataclass(frozen=True)
class DraftFields:
    """The form as it was typed; a column by its heading or its letter ("F", "q1", "q1-q4").

    factors: a line per factor, "Tiếp cận: q1, q2"; empty: the questions are told by their cells.
    domains: grouping columns, with commas. only_later: overall results of ``compare_to`` alone.
    """

    factors: str = ""
    weight: str = ""
    strata: str = ""
    clusters: str = ""
    population_clusters: str = ""
    population_members: str = ""
    domains: str = ""
    compare_column: str = ""
    compare_from: str = ""
    compare_to: str = ""
    same_clusters: bool = False
    only_later: bool = False
    item: str = "top2"
    confidence: str = "95"


@dataclass(frozen=True)
class Draft:
    """``text``: the plan file. ``notes``: what nobody said and was assumed, in sentences."""

    text: str
    notes: tuple[str, ...]


def open_for_draft(data: bytes, filename: str, fields: DraftFields, limits: Limits) -> Sheet:
    """The table the form speaks of: the first that has the columns it names, else the first.

    Its headings are the line that holds most of these names, or the first line that is at least
    half filled (a title above the table fills one cell). Raises Invalid for an unreadable file.
    """
    names = list(dict.fromkeys(_names(fields)))
    if names:
        try:
            return open_sheet(data, filename, names, limits)
        except Invalid:
            pass  # which name is wrong is told field by field
    sheet = open_sheet(data, filename, (), limits)
    lines = sheet.lines[:_LINES_ABOVE]
    known = [sum(bool(heading_places(line, name)) for name in names) for line in lines]
    filled = [sum(map(bool, line.cells)) * 2 > len(line.cells) for line in lines]
    place = known.index(max(known)) if any(known) else filled.index(True) if any(filled) else 0
    return replace(sheet, header_index=place)


def draft_plan(sheet: Sheet, fields: DraftFields) -> Draft:
    """The plan file a form describes.

    Raises Invalid with every field that names no column, a column twice, or a value that is not
    there; the problems' ``where`` is the name of the field.
    """
    drafting = _Drafting(sheet)
    tree = drafting.tree(fields)
    if drafting.problems:
        count = len(drafting.problems)
        raise Invalid(f"Có {count} chỗ trong biểu mẫu cần xem lại.", drafting.problems)
    return Draft(plan_text(tree), tuple(drafting.notes))


def plan_text(tree: dict[str, Any]) -> str:
    """A plan's keys and values as YAML: a line per factor and domain, all else in one line."""
    shown = CommentedMap(
        (key, _flow(value) if key not in _LISTED else value) for key, value in tree.items()
    )
    shown["factors"] = CommentedMap((key, _flow(list_)) for key, list_ in tree["factors"].items())
    if "domains" in tree:
        shown["domains"] = CommentedSeq(map(_flow, tree["domains"]))
    yaml = YAML()
    yaml.width = 100
    out = io.StringIO()
    yaml.dump(shown, out)
    return out.getvalue()


def _flow(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((key, _flow(item)) for key, item in value.items())
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(value)
        sequence.fa.set_flow_style()
        return sequence
    return value


def _names(fields: DraftFields) -> Iterator[str]:
    """What may be a heading among the words of a form: no letters of columns, ends of ranges."""
    listed = [line.partition(":")[2] or line for line in fields.factors.splitlines()]
    singles = [getattr(fields, name) for name in (*_SINGLE, "compare_column")]
    for text in (*listed, fields.domains, *singles):
        for token in _tokens(text):
            yield from (end for end in _RANGE.split(token) if end and not _LETTERS.fullmatch(end))


def _tokens(text: str) -> list[str]:
    return [clean for part in re.split(r"[,;\n]", text) if (clean := clean_line(part))]


class _Drafting:
    """One form being turned into a plan; problems and notes are gathered."""

    def __init__(self, sheet: Sheet) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._sheet = sheet
        self._header = sheet.header

    def tree(self, fields: DraftFields) -> dict[str, Any]:
        singles = {name: self._single(name, getattr(fields, name)) for name in _SINGLE}
        grouping = list(dict.fromkeys(self._columns("domains", fields.domains)))
        compared = self._single("compare_column", fields.compare_column)
        others = {place for place in (*singles.values(), *grouping, compared) if place is not None}
        factors = self._factors(fields.factors) if fields.factors.strip() else self._told(others)
        self._check_roles(factors, others)
        rows = self._rows([place for places in factors.values() for place in places])
        tree: dict[str, Any] = {
            "factors": {name: list(map(self._name, places)) for name, places in factors.items()},
            "answers": {"satisfied": [4, 5], "maximum": 5, "not_applicable": [0]},
        }
        for key in ("weight", "strata", "clusters"):
            if (place := singles[key]) is not None:
                tree[key] = self._name(place)
        population = {
            _SINGLE[key]: self._name(place)
            for key in ("population_clusters", "population_members")
            if (place := singles[key]) is not None
        }
        if population:
            tree["population"] = population
        domains = [domain for place in grouping for domain in self._domains(place, rows)]
        if domains:
            tree["domains"] = domains
        return tree | self._comparison(fields, compared, rows) | self._rules(fields)

    # ── columns ───────────────────────────────────────────────────────────────────────────────

    def _single(self, field: str, text: str) -> int | None:
        places = self._columns(field, text)
        if len(places) > 1:
            self._complain(field, "Ô này chỉ ghi một cột.")
        return places[0] if places else None

    def _columns(self, field: str, text: str) -> list[int]:
        """The columns a text names, with commas; as a whole first: a heading may hold commas."""
        whole = clean_line(text)
        if not whole:
            return []
        if len(found := heading_places(self._header, whole)) == 1:
            return found
        return [place for token in _tokens(text) for place in self._resolve(field, token)]

    def _resolve(self, field: str, token: str) -> list[int]:
        """A heading, a range of columns, or a letter, in this order."""
        if single := self._places(token):
            return self._unique(field, token, single)
        for match in _RANGE.finditer(token):
            ends = [self._places(token[: match.start()]), self._places(token[match.end() :])]
            if all(len(end) == 1 for end in ends) and ends[0][0] <= ends[1][0]:
                inside = range(ends[0][0], ends[1][0] + 1)
                return [p for place in inside for p in self._unique(field, token, [place])]
        self._complain(field, f"Tệp không có cột “{token}”.")
        return []

    def _places(self, name: str) -> list[int]:
        """Columns of this heading; without any, the column with this letter."""
        found = heading_places(self._header, name)
        if not found and _LETTERS.fullmatch(name.strip()):
            letters = name.strip().upper()
            width = range(len(self._header.cells))
            found = [place for place in width if column_letter(place) == letters]
        return found

    def _unique(self, field: str, token: str, places: Sequence[int]) -> list[int]:
        """One column whose heading can stand in a plan; anything else is a problem."""
        heading = self._name(places[0])
        twins = heading_places(self._header, heading) if heading else []
        if len(places) == 1 and len(twins) == 1:
            return [places[0]]
        letters = ", ".join(map(column_letter, twins or places))
        if heading:
            self._complain(field, f"Có hơn một cột tên “{heading}” (cột {letters}).")
        else:
            self._complain(field, f"“{token}”: cột {letters} không có tên ở dòng tiêu đề.")
        return []

    def _name(self, place: int) -> str:
        return clean_line(self._header.cells[place])

    # ── questions ─────────────────────────────────────────────────────────────────────────────

    def _factors(self, text: str) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for line in filter(None, map(clean_line, text.splitlines())):
            name, colon, columns = line.partition(":")
            if not colon or heading_places(self._header, line):
                name, columns = f"Yếu tố {len(found) + 1}", line
            name = clean_line(name)
            if not name or name in found:
                self._complain("factors", f"Mỗi yếu tố cần một tên riêng: “{line}”.")
            elif places := self._columns("factors", columns):
                found[name] = places
            elif not _tokens(columns):
                self._complain("factors", f"Yếu tố “{name}” chưa có cột câu hỏi nào.")
        return found

    def _told(self, others: set[int]) -> dict[str, list[int]]:
        """Every other column whose cells are all answers, as one factor."""
        read = AnswerReader()
        start = self._first_row(read)
        columns = zip(*(row.cells for row in self._sheet.rows[start:]), strict=True)
        asked = [
            place
            for place, cells in enumerate(columns)
            if place not in others and self._name(place) and _is_asked(set(cells), read)
        ]
        if not asked:
            self._complain(
                "factors",
                "Không nhận ra cột câu hỏi nào (cột mà mọi ô đều là mức 1–5, lời như “Hài lòng” "
                "hoặc “Không áp dụng”); xin ghi các cột câu hỏi.",
            )
            return {}
        asked = [p for place in asked for p in self._unique("factors", self._name(place), [place])]
        names = ", ".join(f"“{self._name(place)}”" for place in asked)
        self.notes.append(
            "Không ghi cột câu hỏi nào nên mọi cột mà các ô đều đọc được thành mức từ 1 đến 5 được "
            f"coi là câu hỏi và gộp thành một yếu tố ({len(asked)} cột): {names}. Cột nào không "
            "phải câu hỏi về mức độ hài lòng, xin ghi rõ các cột câu hỏi rồi phân tích lại."
        )
        return {ALL_QUESTIONS: asked}

    def _first_row(self, read: AnswerReader) -> int:
        """How many rows under the headings hold no answer at all, only words once more."""
        rows = self._sheet.rows
        for place, row in enumerate(rows[:MOST_SECOND_HEADINGS]):
            cells = list(filter(None, row.cells))
            words = [c for c in cells if read(c) is None and parse_number(c) is None]
            if len(cells) < 2 or len(words) < len(cells):
                return place
        return min(MOST_SECOND_HEADINGS, len(rows))

    def _rows(self, asked: Sequence[int]) -> Sequence[Row]:
        if not asked:
            return self._sheet.rows
        return without_second_headings(self._sheet.rows, asked, AnswerReader())

    def _check_roles(self, factors: dict[str, list[int]], others: set[int]) -> None:
        seen: set[int] = set()
        for places in factors.values():
            for place in places:
                if place in seen:
                    self._complain("factors", f"Cột “{self._name(place)}” có hơn một lần.")
                elif place in others:
                    message = f"Cột “{self._name(place)}” vừa là câu hỏi vừa có việc khác."
                    self._complain("factors", message)
                seen.add(place)

    # ── groups, comparison, rules ─────────────────────────────────────────────────────────────

    def _values(self, place: int, rows: Sequence[Row]) -> list[str]:
        return sorted({cell for row in rows if (cell := row.cells[place])}, key=sort_key)

    def _domains(self, place: int, rows: Sequence[Row]) -> list[dict[str, Any]]:
        values, name = self._values(place, rows), self._name(place)
        if len(values) > MOST_GROUPS:
            message = (
                f"Cột “{name}” có {len(values)} giá trị khác nhau; nhiều nhất {MOST_GROUPS} nhóm."
            )
            self._complain("domains", message)
        blank = sum(not row.cells[place] for row in rows)
        if blank:
            self.notes.append(f"Cột “{name}” trống ở {blank} dòng: không thuộc nhóm nào.")
        return [{name: _plain(value)} for value in values]

    def _comparison(
        self, fields: DraftFields, place: int | None, rows: Sequence[Row]
    ) -> dict[str, Any]:
        if not fields.compare_column.strip():
            if fields.compare_from.strip() or fields.compare_to.strip():
                self._complain("compare_column", "Ghi cột dùng để so sánh.")
            return {}
        if place is None:
            return {}
        ends = {
            key: self._value(f"compare_{key}", getattr(fields, f"compare_{key}"), place, rows)
            for key in ("from", "to")
        }
        if fold(str(ends["from"])) == fold(str(ends["to"])):
            self._complain("compare_to", "Hai giá trị so sánh phải khác nhau.")
        name = self._name(place)
        where = {"where": {name: ends["to"]}} if fields.only_later else {}
        compare = {"column": name, **ends, "same_clusters": fields.same_clusters}
        return {**where, "compare": compare}

    def _value(self, field: str, text: str, place: int, rows: Sequence[Row]) -> int | str:
        """The value as the column writes it."""
        values = self._values(place, rows)
        for value in values:
            if fold(value) == fold(clean_line(text)):
                return _plain(value)
        shown = ", ".join(f"“{value}”" for value in values[:MOST_GROUPS])
        said = f"Không có giá trị “{clean_line(text)}”" if text.strip() else "Ghi một giá trị"
        self._complain(field, f"{said} ở cột “{self._name(place)}”; có: {shown or 'không gì cả'}.")
        return ""

    def _rules(self, fields: DraftFields) -> dict[str, Any]:
        if fields.item not in CHOICES["item"]:
            self._complain("item", "Chọn một trong hai cách tính.")
        rules: dict[str, Any] = {"item": fields.item}
        try:
            rules["confidence"] = parse_confidence(fields.confidence)
        except Invalid as refusal:
            self.problems.extend(refusal.problems)
        return rules

    def _complain(self, field: str, message: str) -> None:
        problem = Problem(message, field)
        if problem not in self.problems:
            self.problems.append(problem)


def _is_asked(cells: set[str], read: AnswerReader) -> bool:
    """Whether all cells that are not blank are answers, and one at least is a level."""
    values = [read(cell) for cell in cells if cell.strip()]
    return None not in values and any(value is not None and value >= 1 for value in values)


def _plain(value: str) -> int | str:
    """A whole number as such, for people who read the plan; anything else as it stands."""
    return int(value) if re.fullmatch(r"0|-?[1-9]\d{0,8}", value) else value
