"""Uploaded tables: every format gives the same rows, every bad file one clear sentence."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.worksheet import Worksheet

from survey_app.errors import Invalid, Problem
from survey_app.spreadsheets.records import ColumnSpec, read_records, read_table
from survey_app.spreadsheets.sheet import Sheet, cell_place, column_letter
from survey_app.spreadsheets.writing import marked_copy

COLUMNS = (
    ColumnSpec("code", ("Mã đơn vị", "Unit code"), required=True),
    ColumnSpec("name", ("Tên đơn vị", "Name"), required=True),
    ColumnSpec("from", ("Từ ngày",)),
)
HEADINGS = ["Mã đơn vị", "Tên đơn vị", "Từ ngày"]
ROWS = [HEADINGS, ["01", "Phường Trấn Biên", "05/06/2026"], ["02", "Xã Ea H'Leo", ""]]
MOMENT = datetime(2026, 6, 5, 8, 30)  # noqa: DTZ001  cells know no time zone
CELLS = [("01", "Phường Trấn Biên", "2026-06-05"), ("02", "Xã Ea H'Leo", "")]


def workbook(*sheets: Sequence[Sequence[object]], hidden: int | None = None) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for index, rows in enumerate(sheets):
            page = book.add_worksheet()
            if index == hidden:
                page.hide()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(number, column, value, day)
                    else:
                        page.write(number, column, value)
    return output.getvalue()


def open_document(rows: Sequence[Sequence[str]], table: str = "") -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{table or cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
            'manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return output.getvalue()


def csv_text(separator: str, rows: Sequence[Sequence[str]] = ROWS) -> str:
    return "".join(separator.join(row) + "\r\n" for row in rows)


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (workbook(ROWS), "đơn vị.xlsx"),
        (workbook(ROWS), "DONVI.XLSX"),
        (open_document(ROWS), "units.ods"),
        (csv_text(",").encode(), "units.csv"),
        (csv_text(";").encode("utf-8-sig"), "units.csv"),
        (csv_text("\t").encode("utf-16"), "units.txt"),
        (b"\xfe\xff" + csv_text(";").encode("utf-16-be"), "units.csv"),
        (("sep=;\r\n" + csv_text(";")).encode(), "units.csv"),
        (workbook(ROWS), "units.csv"),
    ],
)
def test_every_format_gives_the_same_rows(data: bytes, filename: str) -> None:
    sheet = read_table(data, filename)
    assert list(sheet.header.cells) == HEADINGS
    assert cells(sheet) == CELLS


def test_cells_of_a_workbook_become_text() -> None:
    row = [1.0, 2.5, True, date(2026, 6, 5), MOMENT, " Ha\u0300 ", 12345678901]
    sheet = read_table(workbook([["h"] * 7, row]), "a.xlsx")
    assert cells(sheet) == [
        ("1", "2.5", "TRUE", "2026-06-05", "2026-06-05 08:30:00", "Hà", "12345678901")
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("05/06/2026", "2026-06-05"),
        ("5-6-2026", "2026-06-05"),
        ("31/02/2026", "31/02/2026"),
        ("05/06/26", "05/06/26"),
        ("2026-06-05", "2026-06-05"),
        ("1.001612", "1.001612"),
        ("từ 05/06/2026", "từ 05/06/2026"),
    ],
)
def test_days_are_read_day_first(written: str, read: str) -> None:
    assert read_table(f"h;g\n{written};x\n".encode(), "a.csv").rows[0].cells[0] == read


def test_rows_keep_their_numbers() -> None:
    rows = [[], ["", "DANH SÁCH ĐƠN VỊ"], [], HEADINGS, [], ["01", "A", ""], ["", ""], ["02", "B"]]
    for data, name in ((workbook(rows), "a.xlsx"), (csv_text(",", rows).encode(), "a.csv")):
        sheet = read_table(data, name, COLUMNS)
        assert sheet.header.number == 4
        assert [row.number for row in sheet.rows] == [6, 8]


def test_separator_is_not_fooled_by_decimal_commas() -> None:
    sheet = read_table(b"a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", "a.csv")
    assert cells(sheet) == [("1,5", "2,5", "3,5"), ("4,5", "5,5", "6,5")]


def test_quoted_cells_may_hold_separators_and_lines() -> None:
    sheet = read_table('a,b\n"x, y\nz","nói ""có"""\n'.encode(), "a.csv")
    assert cells(sheet) == [("x, y\nz", 'nói "có"')]


@given(
    st.lists(
        st.lists(st.text("ăđa1 ,;'\"", min_size=1), min_size=2, max_size=2),
        min_size=1,
        max_size=5,
    )
)
def test_csv_round_trip(rows: list[list[str]]) -> None:
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows]
    text = csv_text(";", [["cột a", "cột b"], *quoted])
    expected = [tuple(cell.strip() for cell in row) for row in rows]
    assert cells(read_table(("sep=;\n" + text).encode(), "a.csv")) == [
        row for row in expected if any(row)
    ]


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    data = workbook([], [["ẩn"]], ROWS, hidden=1)
    assert cells(read_table(data, "a.xlsx")) == CELLS


def test_the_sheet_with_the_headings_is_found() -> None:
    data = workbook([["Hướng dẫn"], ["Điền vào sheet sau"]], ROWS)
    assert cells(read_table(data, "a.xlsx", COLUMNS)) == CELLS


def test_records_by_code() -> None:
    rows = [
        ["Báo cáo", "", "", ""],
        ["Ghi chú", "TÊN ĐƠN VỊ:", "", "mã  don vi (*)"],
        ["x", " Phường   Trấn Biên", "", "01"],
        ["y", "", "", "02"],
    ]
    records = read_records(workbook(rows), "a.xlsx", COLUMNS)
    assert records.rows == [
        {"code": "01", "name": "Phường Trấn Biên", "from": ""},
        {"code": "02", "name": "", "from": ""},
    ]
    assert records.numbers == [3, 4]
    assert records.letters == {"code": "D", "name": "B"}
    assert records.problems == [Problem("chưa ghi tên đơn vị", "dòng 4, cột B")]


def test_english_headings_and_codes_are_headings_too() -> None:
    records = read_records(b"Unit Code,name,from\n1,A,\n", "a.csv", COLUMNS)
    assert records.rows == [{"code": "1", "name": "A", "from": ""}]


@pytest.mark.parametrize(
    ("data", "filename", "sentence"),
    [
        (b"", "a.xlsx", "Tệp trống"),
        (b"\n\n;;\n", "a.csv", "không có dữ liệu"),
        (workbook([]), "a.xlsx", "không có dữ liệu"),
        (b"%PDF-1.7", "a.pdf", "Chỉ nhận tệp"),
        (b"%PDF-1.7", "a.xlsx", "Không đọc được"),
        (b"a,b", "a", "Chỉ nhận tệp"),
        (b"PK\x03\x04 broken", "a.xlsx", "tệp hỏng"),
        (workbook(ROWS)[:3000], "a.xlsx", "tệp hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "a.xls", "tệp hỏng"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "mật khẩu",
        ),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", "trang web"),
        ("Tên;Mã".encode("utf-16-le") + b"\xd8", "a.csv", "Unicode"),
        ("Mã đơn vị;Tên".encode("cp1258", "replace"), "a.csv", "Unicode"),
        (b"a\x00b,c", "a.csv", "Không đọc được"),
        (b'a,b\n"' + b"x" * 200_000, "a.csv", "CSV hỏng"),
        (b"x" * (5 * 1024 * 1024 + 1), "a.csv", "5 MB"),
        (b"a,b\n" + b"1,2\n" * 20_001, "a.csv", "20.000 dòng"),
        (b"," * 1_500 + b"a", "a.csv", "1.000 cột"),
    ],
)
def test_bad_files_get_one_sentence(data: bytes, filename: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as caught:
        read_table(data, filename)
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith(".")


def test_too_many_rows_in_a_workbook() -> None:
    assert len(read_table(workbook([["a"], *[[1]] * 20_000]), "a.xlsx").rows) == 20_000
    with pytest.raises(Invalid, match=r"20\.000 dòng"):
        read_table(workbook([["a"], *[[1]] * 20_001]), "a.xlsx")


def test_blank_rows_do_not_count() -> None:
    rows = [["a"]] + [[] if n % 2 else [n] for n in range(30_000)]
    assert len(read_table(workbook(rows), "a.xlsx").rows) == 15_000


def test_a_stray_cell_in_the_last_corner_does_no_harm() -> None:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Mã")
        page.write(1_048_575, 16_383, "x")
    with pytest.raises(Invalid, match="ô nằm quá xa"):
        read_table(output.getvalue(), "a.xlsx")


def test_repeated_cells_of_an_open_document_do_no_harm() -> None:
    repeated = (
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    with pytest.raises(Invalid):
        read_table(open_document([], repeated), "a.ods")


COUNTS = (
    ColumnSpec("place", ("Nơi",), required=True),
    ColumnSpec("other", ("Nơi khác",)),
    ColumnSpec("count", ("Số",), required=True),
)


def complaints(fill: Callable[[Worksheet], object]) -> list[tuple[str, str]]:
    """What is wrong with a table of which the first row of headings is written already."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        book.add_worksheet("Bìa").write_formula(0, 0, "=1/0", None, "#DIV/0!")
        page = book.add_worksheet("Số & liệu")
        page.write_row(0, 0, ["Nơi", "Nơi khác", "Số", "Ghi chú"])
        fill(page)
    found = read_records(output.getvalue(), "a.xlsx", COUNTS)
    return [(problem.where, problem.message[:22]) for problem in found.problems]


def test_a_merged_cell_does_not_leave_blanks_below_it() -> None:
    def fill(page: Worksheet) -> None:
        for row in (1, 2, 3):
            page.write_row(row, 0, ["A", "", row])
        page.merge_range(1, 1, 2, 1, "B")
        page.merge_range(1, 3, 3, 3, "a column that nobody asks for")
        for column in range(3):  # one record of two rows, merged all the way
            page.merge_range(4, column, 5, column, "9")
        page.merge_range(6, 1, 6, 3, "beside one another")
        page.write_row(6, 0, ["A"])

    assert complaints(fill) == [
        ("dòng 3, cột B", "ô này bị gộp với dòng "),
        ("dòng 7, cột C", "chưa ghi số"),
    ]


def test_a_formula_without_a_result_is_no_blank() -> None:
    def fill(page: Worksheet) -> None:
        page.write_row(1, 0, ["A", "", "=> tốt"])
        page.write_formula(1, 1, "=VLOOKUP(A2,X:Y,2,0)", None, "#N/A")
        page.write_row(2, 0, ["A", "B"])
        page.write_formula(2, 2, "=60+60", None, "")
        page.write_row(3, 0, ["A", "B"])
        page.write_formula(3, 2, "=60+60", None, "120")
        page.write_formula(3, 3, "=1/0", None, "#DIV/0!")

    assert complaints(fill) == [
        ("dòng 2, cột B", "công thức trong ô báo "),
        ("dòng 3, cột C", "công thức trong ô chưa"),
    ]


def test_missing_headings_are_named() -> None:
    with pytest.raises(Invalid, match=r"^Thiếu cột: Tên đơn vị.$"):
        read_records(b"ma don vi,x\n1,2\n", "a.csv", COLUMNS)
    with pytest.raises(Invalid, match=r"^Thiếu cột: Mã đơn vị, Tên đơn vị.$"):
        read_records(b"x,y\n1,2\n", "a.csv", COLUMNS)


def test_a_heading_that_stands_twice_is_refused() -> None:
    with pytest.raises(Invalid, match="“Tên đơn vị” có hơn một lần: cột B và C"):
        read_records("Mã đơn vị,Tên đơn vị,Name\n1,2,3\n".encode(), "a.csv", COLUMNS)


@pytest.mark.parametrize(
    ("index", "letter"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")],
)
def test_column_letters(index: int, letter: str) -> None:
    assert column_letter(index) == letter


def test_cell_place() -> None:
    assert cell_place(5, "C") == "dòng 5, cột C"
    assert cell_place(5) == "dòng 5"


def test_marked_copy_keeps_places_and_lists_the_problems() -> None:
    rows = [["Danh sách"], [], HEADINGS, ["01", "=1+1", ""], ["02", "@x", "+5"]]
    sheet = read_table(csv_text(";", rows).encode(), "a.csv", COLUMNS)
    problems = [
        Problem("tên không đúng", "dòng 4, cột B"),
        Problem("cả dòng không đúng", "dòng 5"),
        Problem("tệp không đúng", "tệp"),
    ]
    data = marked_copy(sheet, problems)

    copy = read_table(data, "a.xlsx", COLUMNS)
    assert copy.lines == sheet.lines
    listed = read_table(data, "a.xlsx", [ColumnSpec("row", ("Dòng",), required=True)])
    assert [row.cells for row in listed.rows] == [
        ("4", "B", "tên không đúng"),
        ("5", "", "cả dòng không đúng"),
        ("", "", "tệp: tệp không đúng"),
    ]


def test_marked_copy_marks_only_the_bad_cells_and_holds_no_formula() -> None:
    sheet = read_table(b"a;b\n=1+1;2\n3;=cmd|' /C calc'!A0\n", "a.csv")
    data = marked_copy(sheet, [Problem("sai", "dòng 2, cột A")])
    page = openpyxl.load_workbook(io.BytesIO(data))["Dữ liệu"]
    marked = {
        cell.coordinate for row in page for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"
    }
    assert marked == {"A2"}
    assert {cell.data_type for row in page for cell in row} == {"s"}
    assert page["B3"].quotePrefix
