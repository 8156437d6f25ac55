"""Lists of dossiers as offices send them: understood, or every bad cell told."""

from io import BytesIO

import openpyxl
import pytest

from survey_app.errors import Invalid
from survey_app.operations.fieldwork.dossier_list import read_dossiers, template_workbook
from tests.integration.operations.drawing import DAY


def test_a_messy_list_is_understood() -> None:
    rows = "Danh sách hồ sơ quý II;;\n;;\nSTT;MÃ HỒ SƠ (*);  lĩnh vực:\n"
    rows += "1; HS 1 ;Đất  đai\n;;\n2;HS 2;Hộ tịch\n"
    frame = read_dossiers(rows.encode(), "a.csv", as_of=DAY)
    assert [(row.identifier, row.stratum, row.line) for row in frame.rows] == [
        ("HS 1", "Đất đai", 4),
        ("HS 2", "Hộ tịch", 6),
    ]


def test_every_bad_cell_of_a_list_is_told() -> None:
    rows = [
        "Mã hồ sơ;Lĩnh vực;Quy mô",
        "HS1;Đất đai;3",
        ";Đất đai;1",
        "HS1;Đất đai;2",
        "HS2;;1.250",
        f"HS3;Đất đai;-1\n{'x' * 101};Đất đai;0",
    ]
    with pytest.raises(Invalid) as refusal:
        read_dossiers("\n".join(rows).encode(), "a.csv", as_of=DAY)
    places = [problem.where for problem in refusal.value.problems]
    assert places == [
        "dòng 3, cột A",
        "dòng 4",
        "dòng 5, cột C",
        "dòng 5",
        "dòng 6, cột C",
        "dòng 7, cột A",
        "dòng 7, cột C",
    ]
    assert "mã đã có ở dòng 2" in str(refusal.value.problems[1])


@pytest.mark.parametrize("rows", ["Mã hồ sơ\n", "Tên\nA\n", ""])
def test_a_list_without_dossiers_is_refused(rows: str) -> None:
    with pytest.raises(Invalid):
        read_dossiers(rows.encode(), "a.csv", as_of=DAY)


def test_the_template_is_a_list_itself() -> None:
    page = openpyxl.load_workbook(BytesIO(template_workbook()))["Hồ sơ"]
    assert [cell.value for cell in page[1]] == ["Mã hồ sơ (*)", "Lĩnh vực"]
    frame = read_dossiers(template_workbook(), "mau.xlsx", as_of=DAY)
    assert len(frame) == 3
    assert len(frame.stratum_counts) == 2
