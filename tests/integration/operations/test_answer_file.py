"""Columns of real sheets: the right one is read, and every refusal is said in words."""

import io
import re
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from survey_app.errors import Invalid
from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Comparison, Plan
from survey_app.estimation.refusal import PlanRefusal, Refused
from survey_app.operations.files.analysis import (
    RankReport,
    analyse_file,
    analyse_with_plan,
    rank_file,
)
from survey_app.operations.files.answer_file import (
    Limits,
    open_sheet,
    parse_confidence,
    read_answers,
)
from survey_app.operations.files.plan_refusals import in_words

PLAN = Plan(factors={"A": ("q1",)})


def read(text: str, plan: Plan = PLAN) -> list[float]:
    sheet = open_sheet(text.encode(), "a.csv", plan.columns, Limits())
    return read_answers(sheet, "a.csv", plan).columns[plan.questions[0]].tolist()


def test_a_heading_with_a_remark_is_found_at_its_place() -> None:
    assert read("stt,Q1 (*)\n9,5\n8,4\n") == [5, 4]


def test_the_heading_written_just_so_comes_first() -> None:
    plan = Plan(factors={"A": ("q1 (lần 2)",)})
    assert read("q1 (lần 1),q1 (lần 2)\n1,5\n2,4\n", plan) == [5, 4]


def test_a_heading_that_stands_twice_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        read("q1,q1\n5,4\n4,4\n")
    assert "cột A, cột B" in refusal.value.problems[0].message


def test_rows_are_counted() -> None:
    text = "tên;;\nq1;q2;q3\nCâu một;Câu hai;Câu ba\n5;4;3\n;;\n;;\n4;4;4\n"
    plan = Plan(factors={"A": ("q1", "q2")})
    sheet = open_sheet(text.encode(), "a.csv", plan.columns, Limits())
    found = read_answers(sheet, "a.csv", plan).reading
    assert (found.rows, found.blank_rows, found.second_headings) == (2, 2, 1)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("weight", "-1"),
        ("weight", ""),
        ("population_members", "1,5"),
        ("population_members", "1e30"),
        ("strata", ""),
    ],
)
def test_cells_of_the_design_are_listed(column: str, cell: str) -> None:
    plan = Plan(factors={"A": ("q1",)}, **{column: "x"})
    with pytest.raises(Invalid) as refusal:
        read(f'q1;x\n5;20\n4;"{cell}"\n', plan)
    assert [problem.where for problem in refusal.value.problems] == ["dòng 3, cột B"]


def weights(cells: list[str], column: str = "weight") -> list[float]:
    plan = Plan(factors={"A": ("q1",)}, **{column: "x"})
    text = "q1;x\n" + "".join(f'5;"{cell}"\n' for cell in cells)
    sheet = open_sheet(text.encode(), "a.csv", plan.columns, Limits())
    return read_answers(sheet, "a.csv", plan).columns["x"].tolist()


@pytest.mark.parametrize(
    ("column", "cells", "bad"),
    [
        ("population_members", ["30.000", "30000"], [2]),
        ("population_members", ["30,000"], [2]),
        ("population_members", ["1.234.567", "0,5"], [2, 3]),
        ("population_clusters", ["12", "1_0", "٣٠", "3 0"], [3, 4, 5]),
        ("weight", ["1.234", "987"], [2]),
        ("weight", ["987", "1,234", "2,500"], [3, 4]),
        ("weight", ["1.234", "0,5"], [2]),
        ("weight", ["1.234", "0.5", "0,5"], [2]),
        ("weight", ["1_0", "٣", "１２", "3 0", "--1", "."], [2, 3, 4, 5, 6, 7]),
        ("weight", ["1e308", "1e200", "1e-200", "1e10", "nan", "inf"], [2, 3, 4, 5, 6, 7]),
        ("weight", ["9" * 400], [2]),
    ],
)
def test_a_number_that_can_be_misread_is_listed(
    column: str, cells: list[str], bad: list[int]
) -> None:
    with pytest.raises(Invalid) as refusal:
        weights(cells, column)
    assert [p.where for p in refusal.value.problems] == [f"dòng {row}, cột B" for row in bad]
    assert max(len(p.message) for p in refusal.value.problems) < 200


def test_thousands_are_told_how_to_write_them() -> None:
    with pytest.raises(Invalid) as refusal:
        weights(["30.000"], "population_members")
    said = refusal.value.problems[0].message
    assert said == "“30.000” có thể là hàng nghìn hoặc số lẻ; xin ghi 30000 hoặc 30.0000."


def test_numbers_that_can_mean_one_thing_are_read() -> None:
    assert weights(["1.234", "0.987", "12.5"]) == [1.234, 0.987, 12.5]
    assert weights(["1,234", "0,987", "0"]) == [1.234, 0.987, 0]
    assert weights(["1.2340", "987", "1e2", "1 234"]) == [1.234, 987, 100, 1234]
    assert weights(["30 000", "30000", "4,0"], "population_members") == [30000, 30000, 4]


def test_more_figures_than_are_taken_on_are_refused() -> None:
    groups = ", ".join(f"{{q1: {group}}}" for group in range(10))
    plan = f"factors: {{A: [q1, q2]}}\ndomains: [{groups}]\n"
    data = b"q1;q2\n5;4\n4;4\n"
    assert analyse_with_plan(data, "a.csv", plan, limits=Limits(estimates=66)).analysis.domains
    with pytest.raises(Invalid, match=r"cho 66 kết quả; ở đây nhiều nhất 65.*hailong analyse"):
        analyse_with_plan(data, "a.csv", plan, limits=Limits(estimates=65))


def ranked(cell: str, **options: Any) -> RankReport:
    text = f"unit;estimate;standard_error\nA;0,9;0,01\nB;{cell}\n"
    return rank_file(text.encode(), "a.csv", **options)


@pytest.mark.parametrize(
    ("cell", "column"),
    [("0,8;1e308", "C"), ("0,8;1e160", "C"), ("1e300;0,1", "B"), ("0,8;1e-200", "C")],
)
def test_estimates_of_no_sensible_size_are_listed(cell: str, column: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ranked(cell)
    assert [problem.where for problem in refusal.value.problems] == [f"dòng 3, cột {column}"]


@pytest.mark.parametrize("confidence", [float("nan"), 0.4, 0.999999999999, 1.0])
def test_a_confidence_nobody_can_have_is_refused(confidence: float) -> None:
    with pytest.raises(Invalid, match="Độ tin cậy"):
        ranked("0,8;0,1", confidence=confidence)


@pytest.mark.parametrize("percent", ["99.9999999999", "99,999", "100", "49", "9_5", "٩٥"])
def test_a_typed_confidence_is_not_rounded_to_certainty(percent: str) -> None:
    with pytest.raises(Invalid, match="độ tin cậy"):
        parse_confidence(percent)


def test_a_merged_cell_is_no_stratum_and_a_failed_formula_no_group() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        rows = [("q1", "tầng", "nhóm"), (5, "", "A"), (4, "", "A"), (3, "II", "B"), (4, "II", "B")]
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        page.merge_range(1, 1, 2, 1, "I")
        page.write_formula(4, 2, "=NA()", value="#N/A")
    plan = Plan(factors={"A": ("q1",)}, strata="tầng", domains=({"nhóm": "B"},))
    with pytest.raises(Invalid) as refusal:
        analyse_file(file.getvalue(), "a.xlsx", plan)
    places = [(problem.where, problem.message) for problem in refusal.value.problems]
    assert [where for where, _ in places] == ["dòng 3, cột B", "dòng 5, cột C"]
    assert "bị gộp" in places[0][1] and "#N/A" in places[1][1]


def test_a_file_without_units_is_refused() -> None:
    with pytest.raises(Invalid, match="không có đơn vị nào"):
        rank_file(b"unit;estimate;standard_error\n", "a.csv")


COLUMNS = {
    "q1": np.array([5.0, 4.0, 2.0]),
    "zero": np.zeros(3),
    "minus": np.array([1.0, -1.0, 1.0]),
    "few": np.full(3, 2.0),
    "mixed": np.array([9.0, 9.0, 8.0]),
    "gap": np.array([9.0, 9.0, np.nan]),
    "label": np.array(["a", "", "b"]),
    "year": np.array(["2025", "2025", "2026"]),
}


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        ({"weight": "zero"}, Refused.NO_WEIGHT, "Mọi trọng số đều bằng 0."),
        ({"weight": "minus"}, Refused.BAD_WEIGHT, "Trọng số phải là số từ 0 trở lên"),
        ({"population_members": "few"}, Refused.SMALL_POPULATION, "một tầng là 2, ít hơn 3 đã có"),
        ({"population_members": "mixed"}, Refused.MIXED_POPULATION, "của cùng một tầng"),
        ({"population_members": "gap"}, Refused.BLANK_POPULATION, "của mỗi tầng còn ô trống"),
        ({"strata": "label"}, Refused.BLANK_LABEL, "Cột tầng có ô trống"),
        ({"clusters": "label"}, Refused.BLANK_LABEL, "Cột cụm có ô trống"),
        ({"where": {"year": 2024}}, Refused.NO_SUCH_ROWS, "Không có dòng nào có year: 2024."),
        (
            {"compare": Comparison("year", 2024, 2026)},
            Refused.NO_SUCH_ROWS,
            "Không có dòng nào có year: 2024.",
        ),
    ],
)
def test_what_the_estimators_refuse_is_said_in_vietnamese(
    options: dict[str, Any], code: Refused, sentence: str
) -> None:
    with pytest.raises(PlanRefusal) as refusal:
        analyse(Plan(factors={"A": ("q1",)}, **options), COLUMNS)
    assert refusal.value.code is code
    said = in_words(refusal.value)
    assert sentence in said
    assert not re.search(r"\b(the|row|weights?|population|blank)\b", said)


def test_no_rows_are_refused_in_words() -> None:
    with pytest.raises(PlanRefusal) as refusal:
        analyse(PLAN, {"q1": np.array([])})
    assert in_words(refusal.value) == "Tệp không có dòng số liệu nào."


@pytest.mark.parametrize("code", Refused)
def test_every_refusal_has_words(code: Refused) -> None:
    values = {
        "condition": {"năm": [2025, 2026]},
        "labels": "strata",
        "group": "cluster",
        "population": 2.0,
        "sample": 3.0,
    }
    assert in_words(PlanRefusal(code, "in English", **values)).endswith(".")


def test_mistakes_of_the_program_are_not_said_to_be_those_of_the_file() -> None:
    plan = Plan(factors={"A": ("q1",)}, intervals=("wald",))
    with pytest.raises(ValueError, match="unknown interval 'wald'"):
        analyse_file(b"q1\n5\n4\n", "a.csv", plan)


def test_the_file_says_the_same() -> None:
    plan = Plan(factors={"A": ("q1",)}, where={"năm": 2024})
    with pytest.raises(Invalid, match="Không có dòng nào có năm: 2024"):
        analyse_file("q1;năm\n5;2025\n".encode(), "a.csv", plan)


@pytest.mark.parametrize(
    ("plan", "limits"),
    [
        ("factors: {A: [q1]}\n" + "# dài\n" * 30, Limits(plan=100)),
        ("factors: {A: [q1]}\ndomains: [{q1: 1}, {q1: 2}]\n", Limits(domains=1)),
    ],
)
def test_too_much_is_refused(plan: str, limits: Limits) -> None:
    with pytest.raises(Invalid, match=r"quá|nhiều nhất"):
        analyse_with_plan(b"q1\n5\n4\n", "a.csv", plan, limits=limits)
