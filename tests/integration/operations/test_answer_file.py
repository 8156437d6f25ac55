"""Columns of real sheets: the right one is read, and every refusal is said in words."""

import re
from typing import Any

import numpy as np
import pytest

from survey_app.errors import Invalid
from survey_app.estimation.analysis import analyse
from survey_app.estimation.plan import Comparison, Plan
from survey_app.estimation.refusal import PlanRefusal, Refused
from survey_app.operations.answer_file import Limits, open_sheet, read_answers
from survey_app.operations.file_analysis import analyse_file, analyse_with_plan
from survey_app.operations.plan_refusals import in_words

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
