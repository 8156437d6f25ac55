"""A province's file of units: what is accepted, and that every mistake is listed."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from survey_app.errors import Invalid
from survey_app.spreadsheets.records import read_table
from survey_app.unit_import import COLUMNS, KINDS, UnitRow, parse_units, template_workbook

HEAD = "Mã đơn vị;Tên đơn vị;Loại;Mã cấp trên;Tên cơ quan;Địa danh;Từ ngày;Mã cũ\n"


def unit(code: str, name: str, kind: str, parent_code: str = "", **others: object) -> UnitRow:
    given = {
        "agency_name": "",
        "place": "",
        "valid_from": date(2025, 7, 1),
        "predecessor_codes": (),
        **others,
    }
    return UnitRow(code, name, kind, parent_code, **given)


def parse(rows: str, known: tuple[str, ...] = (), **options: object) -> tuple[UnitRow, ...]:
    return parse_units((HEAD + rows).encode(), "units.csv", known, **options)


def mistakes(rows: str, known: tuple[str, ...] = (), **options: object) -> list[str]:
    with pytest.raises(Invalid) as caught:
        parse(rows, known, **options)
    assert caught.value.message == (
        f"Tệp có {len(caught.value.problems)} lỗi; chưa đơn vị nào được ghi."
    )
    return [str(problem) for problem in caught.value.problems]


def test_a_full_row() -> None:
    row = "H1.2;Phường Trấn Biên;Phường;H1;UBND phường Trấn Biên;Trấn Biên;05/06/2026;H1.7, H1.8\n"
    assert parse(row, ("H1", "H1.7", "H1.8")) == (
        unit(
            "H1.2",
            "Phường Trấn Biên",
            "ward",
            "H1",
            agency_name="UBND phường Trấn Biên",
            place="Trấn Biên",
            valid_from=date(2026, 6, 5),
            predecessor_codes=("H1.7", "H1.8"),
        ),
    )


def test_only_three_columns_are_needed() -> None:
    data = "Mã,Tên,Loại\nH1,Tỉnh Đồng Nai,Tỉnh\n".encode()
    assert parse_units(data, "a.csv", (), default_valid_from=date(2026, 1, 1)) == (
        unit("H1", "Tỉnh Đồng Nai", "province", valid_from=date(2026, 1, 1)),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_known_by_every_label(kind: str) -> None:
    for label in (kind, *KINDS[kind], *(label.upper() for label in KINDS[kind])):
        quoted = f'"{label}"'
        assert parse(f"X;Tên;{quoted};;;;;\n")[0].kind == kind


def test_parents_come_before_their_children() -> None:
    rows = "A.1.1;Phòng;Phòng;A.1;;;;\nA.1;Sở;Sở;A;;;;\nB;Tỉnh B;Tỉnh;;;;;\nA;Tỉnh A;Tỉnh;;;;;\n"
    assert [row.code for row in parse(rows)] == ["A", "A.1", "A.1.1", "B"]


def test_known_units_are_given_back_with_their_place() -> None:
    rows = "A.1;Sở;Sở;A;;;;\nA;Tỉnh A;Tỉnh;;;;;\n"
    again = parse(rows, ("A", "A.1"))
    assert again == parse(rows)
    assert [row.where for row in again] == ["dòng 3, cột A", "dòng 2, cột A"]


def test_predecessors_must_be_known_or_in_the_file() -> None:
    rows = "A;a;Xã;;;;;B, C\nB;b;Xã;;;;;\n"
    assert parse(rows, ("C",))[0].predecessor_codes == ("B", "C")
    assert mistakes(rows) == ["dòng 2, cột H: không có đơn vị nào mang mã “C”"]
    assert mistakes("A;a;Xã;;;;;A\n") == [
        "dòng 2, cột H: một đơn vị không thể là đơn vị trước đây của chính nó"
    ]


@pytest.mark.parametrize("code", ["h1", "H1.", ".H1", "H1..2", "H 1", "Đ1", "H1-2", "A" * 36])
def test_bad_codes(code: str) -> None:
    assert [m.partition(" không đúng")[0] for m in mistakes(f"{code};Tên;Sở;;;;;\n")] == [
        f"dòng 2, cột A: mã “{code}”"
    ]


@pytest.mark.parametrize("code", ["H1", "000.00.00.H30", "H55.242", "A" * 35, "26041"])
def test_good_codes(code: str) -> None:
    assert parse(f"{code};Tên;Sở;;;;;\n")[0].code == code


def test_every_mistake_of_a_file_is_listed() -> None:
    rows = (
        ";;;;;;;\n"
        "A;;Tỉnh;;;;;\n"
        "A.1;Sở;Quận;A;;;31/02/2026;\n"
        "A.1;Sở;Sở;Z;;;;h1 A\n"
        f"A.3;{'x' * 201};Sở;a;;;;\n"
        ";Tên;Sở;A;;;;\n"
    )
    kinds = ", ".join(names[0] for names in KINDS.values())
    rule = (
        "không đúng: chỉ gồm chữ in hoa không dấu, chữ số và dấu chấm giữa các nhóm, "
        "nhiều nhất 35 ký tự"
    )
    assert mistakes(rows) == [
        "dòng 3, cột B: chưa ghi tên đơn vị",
        f"dòng 4, cột C: không có loại đơn vị “Quận”; hãy ghi một trong: {kinds}",
        "dòng 4, cột G: “31/02/2026” không phải là ngày; hãy ghi như 01/07/2025",
        "dòng 5, cột A: mã “A.1” đã có ở dòng 4",
        "dòng 5, cột D: không có đơn vị nào mang mã “Z”",
        f"dòng 5, cột H: mã “h1” {rule}",
        "dòng 6, cột B: dài quá 200 ký tự",
        f"dòng 6, cột D: mã “a” {rule}",
        "dòng 7, cột A: chưa ghi mã đơn vị",
    ]


def test_circles_are_found() -> None:
    rows = "A;a;Sở;B;;;;\nB;b;Sở;C;;;;\nC;c;Sở;A;;;;\nD;d;Phòng;A;;;;\nE;e;Sở;E;;;;\n"
    assert mistakes(rows) == [
        f"dòng {line}, cột D: đơn vị “{code}” nằm dưới chính nó"
        for line, code in ((2, "A"), (3, "B"), (4, "C"), (6, "E"))
    ]


def test_a_very_deep_file_is_read_quickly() -> None:
    rows = "".join(f"A{n};Tên;Phòng;A{n + 1};;;;\n" for n in range(15_000))
    assert len(parse(rows, ("A15000",))) == 15_000


@given(st.permutations(["A;a;Tỉnh;", "A.1;b;Sở;A", "A.1.1;c;Phòng;A.1", "A.2;d;Xã;A"]))
def test_any_order_of_rows_is_accepted(rows: list[str]) -> None:
    codes = [row.code for row in parse("".join(f"{row};;;;\n" for row in rows))]
    assert codes.index("A") < codes.index("A.1") < codes.index("A.1.1")
    assert codes.index("A") < codes.index("A.2")


def test_a_file_of_headings_only() -> None:
    with pytest.raises(Invalid, match="không có đơn vị nào"):
        parse("")


def test_the_sample_workbook_can_be_uploaded_as_it_is() -> None:
    data = template_workbook()
    units = parse_units(data, "mau.xlsx", ())
    assert {row.kind for row in units} == {
        "province",
        "department",
        "division",
        "service_centre",
        "ward",
        "commune",
    }
    header = read_table(data, "mau.xlsx", COLUMNS).header.cells
    assert len(header) == len(COLUMNS)
    assert [cell.endswith(" (*)") for cell in header] == [column.required for column in COLUMNS]


def test_the_kind_of_a_unit_is_chosen_from_a_list() -> None:
    page = load_workbook(io.BytesIO(template_workbook()))["Đơn vị"]
    (rule,) = page.data_validations.dataValidation
    assert (str(rule.sqref), rule.type, rule.errorStyle) == ("C2:C20001", "list", "warning")
    assert rule.formula1.strip('"').split(",")[0] == "Tỉnh"
