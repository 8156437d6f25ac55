"""One Report, five renderings: every number is the same on each, and no text turns into code."""

import csv
import io
import json
import re
from datetime import datetime
from html.parser import HTMLParser

import openpyxl
import pytest

from survey_app.estimation.estimate import Interval
from survey_app.reporting import formats
from survey_app.reporting.rendering.csv_file import render_csv
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.rendering.json_document import render_json
from survey_app.reporting.rendering.workbook import render_workbook
from survey_app.reporting.report import ColumnKind, Percent, Withheld
from survey_app.reporting.results.compose import compose_report
from tests.unit.reporting.examples import COMMENTS, DATED, make_figures, make_withheld_figures


@pytest.fixture(scope="module")
def report():
    return compose_report(make_figures(), dated=DATED)


@pytest.fixture(scope="module")
def withheld():
    return compose_report(make_withheld_figures(), dated=DATED)


class Page(HTMLParser):
    """Texts of each table's body cells, tags and attributes met."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.tags, self.attributes, self.text = {}, [], [], []
        self.table = self.cell = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        classes = dict(attrs).get("class", "") or ""
        if tag == "table":
            self.table = self.tables.setdefault(classes.split("report-table-")[-1], [])
        elif tag == "tr" and self.table is not None:
            self.table.append([])
        elif tag in ("td", "th") and self.table is not None:
            self.table[-1].append("")
            self.cell = True

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if tag == "table":
            self.table = None
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self.cell:
            self.table[-1][-1] += data


def shown(table, row):
    """The texts a reader sees in a row: the label, then every cell that is not merged away."""
    cells = [
        "" if column.kind is ColumnKind.DRAWING else formats.cell(value)
        for column, value in zip(table.columns, row.cells, strict=True)
    ]
    filled = [i for i, value in enumerate(row.cells) if i and value is not None]
    merged = (min(filled, default=len(cells)) - 1) if row.level == 0 else 0
    return [cells[0], *cells[1 + merged :]]


def test_page_shows_every_number(report):
    page = Page(render_fragment(report))
    for table in report.tables:
        body = page.tables[table.code][1:]
        assert body == [shown(table, row) for row in table.rows], table.code


def test_workbook_holds_every_number_as_number(report):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(report)))
    for table in report.tables:
        sheet = book[table.short_title]
        start = int(re.search(r"\d+", sheet.auto_filter.ref)[0])
        for number, row in enumerate(table.rows, start + 1):
            values = [cell.value for cell in sheet[number]]
            assert values == workbook_cells(table, row), (table.code, row.code)


def workbook_cells(table, row):
    found = []
    for place, column in table.figure_columns:
        cell = row.cells[place]
        wide = column.kind is ColumnKind.INTERVAL
        match cell:
            case Percent():
                found.append(pytest.approx(cell.value, rel=1e-14))
            case Interval():
                found += [pytest.approx(cell.low, rel=1e-14), pytest.approx(cell.high, rel=1e-14)]
                continue
            case Withheld():
                found.append(formats.reason(cell.reason))
            case _:
                found.append(cell)
        found += [None] * wide
    return found


def test_workbook_formats_and_head(report):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(report)))
    sheet = book["Tiêu chí"]
    assert sheet.freeze_panes is not None
    share = next(c for c in sheet[sheet.max_row] if c.number_format == "0.00%")
    assert isinstance(share.value, float)
    assert "Tổng hợp" in book.sheetnames and "Phương pháp" in book.sheetnames
    assert book["Tổng hợp"]["A1"].value.startswith("DỮ LIỆU MINH HỌA")
    assert book.properties.created == datetime(2026, 7, 3)  # noqa: DTZ001  (Excel knows no zone)


def test_rows_of_the_workbook_are_as_high_as_their_words(report):
    """LibreOffice takes a row without a height for one line, and cuts off what wraps."""
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(report)))
    high = 0
    for page in book.worksheets:
        groups = {
            letter: width
            for group in page.column_dimensions.values()
            for letter, width in columns_of(group)
        }
        for row in page.iter_rows():
            words = [c for c in row if isinstance(c.value, str) and c.alignment.wrap_text]
            lines = max((len(c.value) / groups[c.column_letter] for c in words), default=1)
            height = page.row_dimensions[row[0].row].height or 15
            assert height >= 15 * lines, (page.title, row[0].row)
            high += height > 15
    assert high > 3


def columns_of(group):
    """The letters and the width of columns that are described together."""
    first, last = group.min or 1, group.max or 1
    return [(openpyxl.utils.get_column_letter(n), group.width) for n in range(first, last + 1)]


def test_json_holds_every_number_in_full(report):
    document = json.loads(render_json(report))
    assert document["demo"] is True
    for table in report.tables:
        rows = document["tables"][table.code]["rows"]
        assert [row["code"] for row in rows] == [row.code for row in table.rows]
        for found, row in zip(rows, table.rows, strict=True):
            for place, column in table.figure_columns:
                assert found["cells"][column.code] == json_cell(row.cells[place])
    assert document["key_figures"]["sheets"]["value"] == 187


def json_cell(cell):
    match cell:
        case Percent():
            return cell.value
        case Interval():
            return {
                "low": cell.low,
                "high": cell.high,
                "method": cell.method.value,
                "confidence": 0.95,
            }
        case Withheld():
            return {"value": None, "reason": cell.reason.value}
    return cell


def test_csv_holds_every_number_in_full(report):
    text = render_csv(report).decode("utf-8-sig")
    lines = {(x["table"], x["row"], x["column"]): x for x in csv.DictReader(io.StringIO(text))}
    for table in report.tables:
        for row in table.rows:
            for place, column in table.figure_columns[1:]:
                cell = row.cells[place]
                if isinstance(cell, Percent):
                    assert float(lines[table.code, row.code, column.code]["value"]) == cell.value
                elif isinstance(cell, Interval):
                    line = lines[table.code, row.code, column.code]
                    assert (float(line["low"]), float(line["high"])) == (cell.low, cell.high)
                elif isinstance(cell, Withheld):
                    line = lines[table.code, row.code, column.code]
                    assert (line["value"], line["withheld"]) == ("", cell.reason.value)
                elif isinstance(cell, int):
                    assert lines[table.code, row.code, column.code]["value"] == str(cell)


@pytest.mark.parametrize("render", [render_fragment, render_workbook, render_json, render_csv])
def test_same_bytes_twice(report, render):
    again = compose_report(make_figures(), dated=DATED)
    assert render(report) == render(again)


def test_page_obeys_a_strict_content_security_policy(report):
    page = Page(render_fragment(report))
    assert not {"script", "style", "link", "iframe", "b"} & set(page.tags)
    names = {name for _, name, _ in page.attributes}
    assert "style" not in names and not any(name.startswith("on") for name in names)
    assert "<script>alert('x')</script> & <b>đậm</b>" in page.text


def test_page_is_accessible(report):
    text = str(render_fragment(report))
    page = Page(text)
    drawings = [v for t, n, v in page.attributes if t == "svg" and n == "aria-label"]
    assert len(drawings) == text.count('role="img"') > 50
    assert all(re.search(r"\d+,\d+%", v) for v in drawings)
    regions = text.count('role="region" tabindex="0" aria-label=')
    assert regions == page.tags.count("table")
    assert {v for t, n, v in page.attributes if t == "th" and n == "scope"} == {"row", "col"}
    ids = [v for _, n, v in page.attributes if n == "id"]
    assert len(set(ids)) == len(ids)


def test_formulas_in_comments_stay_text(report):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(report)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert '=HYPERLINK("http://example.com";"Bấm vào đây")' in [c.value for c in cells]
    assert not any(cell.hyperlink for cell in cells)


def test_formulas_in_labels_stay_text_in_csv():
    figures = make_figures()
    choice = figures.choices[1]
    first = choice.choices[0]
    evil = type(first.option)("1", type(first.option.label)({"vi": "=1+1"}))
    choices = (type(first)(evil, first.count, first.estimate), *choice.choices[1:])
    changed = type(choice)(choice.question, choice.n, choice.excluded, choices)
    figures = type(figures)(**{**vars(figures), "choices": (changed,)})
    text = render_csv(compose_report(figures, dated=DATED)).decode("utf-8-sig")
    labels = [line["label"] for line in csv.DictReader(io.StringIO(text))]
    assert "'=1+1" in labels and "=1+1" not in labels


def test_json_keeps_comments_word_for_word(report):
    assert json.loads(render_json(report))["comments"][6] == COMMENTS[6]


def test_withheld_report_gives_no_figure_anywhere(withheld):
    page = "".join(Page(render_fragment(withheld)).text)
    assert "Chưa đủ phiếu" in page
    assert not re.search(r"\d\s*%", page)
    document = json.loads(render_json(withheld))
    assert document["tables"] == {} and document["key_figures"] == {}
    assert document["comments"] == []
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(withheld)))
    values = [c.value for sheet in book for row in sheet.iter_rows() for c in row]
    assert not any(isinstance(value, int | float) for value in values)
    assert any("Chưa đủ phiếu" in str(value) for value in values)
    assert len(render_csv(withheld).decode("utf-8-sig").splitlines()) == 2  # head, demo mark
