"""hailong analyse, rank and sample-size on the files agencies have."""

import json
import os
from pathlib import Path

import pytest
import xlsxwriter

from tests.program import Done, Run, run_forked

PLAN = """
factors: {F1: [q1, q2], F2: [q3]}
answers: {satisfied: [4, 5], maximum: 5, not_applicable: [0]}
domains: [{sex: F}]
intervals: [default, logit, wilson, clopper-pearson, beta, mean]
"""
MESSY = """Kết quả khảo sát quý II;;;
q1;q2;q3;sex
Câu một;Câu hai;Câu ba;Giới tính
5;4;Rất hài lòng;F
4,0;0;Hài lòng;M
;;;
3;Không áp dụng;2;F
5;5;;M
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``hailong`` in the folder of the test."""
    (tmp_path / "plan.yaml").write_text(PLAN)

    def call(*arguments: object) -> Done:
        return run_forked(*arguments, environment=os.environ, folder=tmp_path)

    return call


def test_a_messy_sheet_is_understood(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(MESSY)
    done = run("analyse", "data.csv", "--plan", "plan.yaml", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    questions = found["estimates"]["questions"]
    assert found["design"]["n"] == 4
    assert questions["q1"]["estimate"] == pytest.approx(3 / 4)
    assert (questions["q2"]["n"], questions["q2"]["excluded"]) == (2, 2)
    assert questions["q3"]["estimate"] == pytest.approx(2 / 3)
    assert set(questions["q1"]["intervals"]) >= {"logit", "wilson", "clopper-pearson", "beta"}
    assert found["domains"]["sex=F"]["questions"]["q1"]["n"] == 2
    assert "75,00%" in done.stdout


def test_the_table_names_the_indices_and_says_why_a_figure_is_missing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "data.csv").write_text("q1,q2,q3,sex\n5,4,,F\n2,4,,M\n4,1,,F\n")
    done = run("analyse", "data.csv", "--plan", "plan.yaml")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.replace("│", " ").split()) for line in done.stdout.splitlines()]
    assert "q3 không tính được: không có câu trả lời – – 0 3 –" in lines
    names = [line.partition(" 66,67%")[0] for line in lines]
    assert {"Bình quân các câu hỏi", "Bình quân các yếu tố", "Gộp mọi câu trả lời"} <= {*names}


def test_excel_and_csv_give_the_same(run: Run, tmp_path: Path) -> None:
    rows = [("q1", "q2", "q3", "sex"), (5, 4, 3, "F"), (4, 5, 5, "M"), (2, 4, 1, "F")]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    (tmp_path / "a.csv").write_text(text)
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    for name in ("a.csv", "a.xlsx"):
        assert run("analyse", name, "--plan", "plan.yaml", "--json", f"{name}.json").returncode == 0
    assert (tmp_path / "a.csv.json").read_text() == (tmp_path / "a.xlsx.json").read_text()


def test_every_cell_that_cannot_be_understood_is_listed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("q1,q2,q3,sex\n5,xx,3,F\n7,4,3.5,M\n")
    done = run("analyse", "bad.csv", "--plan", "plan.yaml")
    assert done.returncode == 2
    for place in ("dòng 2, cột B", "dòng 3, cột A", "dòng 3, cột C"):
        assert place in done.stderr
    assert "Traceback" not in done.stderr


def test_every_mistake_of_a_plan_is_listed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(MESSY)
    (tmp_path / "wrong.yaml").write_text(
        "factors: {F1: [q1, q1], F2: []}\nfoo: 1\nitem: best\nintervals: [wald]\n"
        "compare: {column: year}\nconfidence: 95\nanswers: {maximum: five}\nstrata: [a]\n"
    )
    done = run("analyse", "data.csv", "--plan", "wrong.yaml")
    assert done.returncode == 2
    for where in (
        *("factors.F1", "factors.F2", "foo", "item", "intervals", "compare.from"),
        *("compare.to", "confidence", "answers.maximum", "strata"),
    ):
        assert f"{where}:" in done.stderr
    (tmp_path / "broken.yaml").write_text("factors: [unclosed\n")
    assert run("analyse", "data.csv", "--plan", "broken.yaml").returncode == 2
    (tmp_path / "missing.yaml").write_text("factors: {F1: [q1, q9]}\n")
    assert "q9" in run("analyse", "data.csv", "--plan", "missing.yaml").stderr


def test_ranks_come_with_their_uncertainty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(
        "unit,estimate,standard_error\nA,0.90,0.01\nB,0.88,0.02\nC,0.70,0.02\n"
    )
    done = run("rank", "units.csv", "--json", "out.json", "--seed", 1)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    ranks = {unit["unit"]: unit for unit in found["units"]}
    assert [ranks[name]["rank"] for name in "ABC"] == [1, 2, 3]
    assert ranks["C"]["simultaneous"] == [3, 3]
    assert ranks["A"]["simultaneous"] == [1, 2]
    assert "Chưa phân biệt được: A, B." in done.stdout
    (tmp_path / "bad.csv").write_text("unit,estimate,standard_error\nA,x,0.1\nA,0.5,-1\n")
    assert run("rank", "bad.csv").returncode == 2


def test_the_sample_a_unit_needs(run: Run) -> None:
    assert "cần có: 53" in run("sample-size", "--population", 60).stdout
    assert "cần có: 45" in run("sample-size", "--population", 60, "--margin", 0.075).stdout
    assert "N/(1 + N·e²)" in run("sample-size", "--population", 60).stdout
    assert run("sample-size", "--margin", 5).returncode == 2
