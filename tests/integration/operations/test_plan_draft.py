"""A plan out of a form: columns by name, range or letter; questions told by their cells."""

import io

import openpyxl
import pytest

from survey_app.errors import Invalid
from survey_app.estimation.plans.plan import Comparison, Plan
from survey_app.operations.files.answer_file import Limits
from survey_app.operations.files.plan_draft import DraftFields, draft_plan, open_for_draft
from survey_app.operations.files.plan_file import read_plan

TABLE = """Kết quả khảo sát;;;;;;
Mã;Xã;q1;q2 (*);Câu 3, về phí;Giới tính;Năm
mã phiếu;tên;Câu một;Câu hai;Câu ba;giới;năm
a;Hòa Bình;5;4;Hài lòng;Nam;2025
b;An Lạc;4,0;;Bình thường;Nữ;2026
c;An Lạc;2;Không áp dụng;1;;2026
"""


def draft(text: str | bytes = TABLE, filename: str = "tep.csv", **typed: object) -> Plan:
    return read_plan(draft_text(text, filename, **typed))


def draft_text(text: str | bytes = TABLE, filename: str = "tep.csv", **typed: object) -> str:
    data = text.encode() if isinstance(text, str) else text
    fields = DraftFields(**typed)  # type: ignore[arg-type]
    return draft_plan(open_for_draft(data, filename, fields, Limits()), fields).text


def refused(text: str = TABLE, **typed: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        draft(text, **typed)
    return {problem.where: problem.message for problem in refusal.value.problems}


def test_questions_are_told_by_their_cells_and_it_is_said() -> None:
    fields = DraftFields()
    found = draft_plan(open_for_draft(TABLE.encode(), "a.csv", fields, Limits()), fields)
    plan = read_plan(found.text)
    assert plan.factors == {"Tất cả câu hỏi": ("q1", "q2 (*)", "Câu 3, về phí")}
    assert "gộp thành một yếu tố (3 cột)" in found.notes[0]


def test_a_column_with_another_task_is_no_question() -> None:
    table = "q1,q2,w,nhom\n5,4,1,1\n4,4,2,2\n"
    plan = draft(table, weight="w", domains="nhom")
    assert plan.questions == ("q1", "q2")
    assert plan.weight == "w"
    assert plan.domains == ({"nhom": 1}, {"nhom": 2})


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("Một: q1, q2", ("q1", "q2 (*)")),
        ("Một: q1 - q2", ("q1", "q2 (*)")),
        ("Một: q1–q2; E", ("q1", "q2 (*)", "Câu 3, về phí")),
        ("Một: C-E", ("q1", "q2 (*)", "Câu 3, về phí")),
        ("Một: cau 3, ve phi", ("Câu 3, về phí",)),
        ("Một: Q1", ("q1",)),
    ],
)
def test_columns_by_name_range_and_letter(line: str, columns: tuple[str, ...]) -> None:
    assert draft(factors=line).factors == {"Một": columns}


def test_lines_without_a_name_are_numbered() -> None:
    assert draft(factors="q1\nPhí: E").factors == {
        "Yếu tố 1": ("q1",),
        "Phí": ("Câu 3, về phí",),
    }


def test_everything_a_plan_can_say() -> None:
    plan = draft(
        factors="A: q1-q2",
        clusters="Xã",
        domains="Giới tính",
        compare_column="Năm",
        compare_from="2025",
        compare_to="2026",
        same_clusters=True,
        only_later=True,
        item="mean",
        confidence="99,5%",
    )
    assert plan.compare == Comparison("Năm", 2025, 2026, same_clusters=True)
    assert plan.where == {"Năm": 2026}
    assert plan.domains == ({"Giới tính": "Nam"}, {"Giới tính": "Nữ"})
    assert (plan.clusters, plan.item, plan.confidence) == ("Xã", "mean", 0.995)


def test_population_columns_go_where_the_plan_has_them() -> None:
    table = "q1,N,M\n5,10,100\n4,10,100\n"
    typed = {"factors": "A: q1", "population_clusters": "N", "population_members": "M"}
    plan = draft(table, **typed)
    assert (plan.population_clusters, plan.population_members) == ("N", "M")


def test_every_wrong_field_is_named() -> None:
    problems = refused(
        factors="A: q1, q9",
        weight="w",
        strata="Xã, Năm",
        domains="Mã, Lạ",
        compare_column="Năm",
        compare_from="2024",
        compare_to="2026",
        confidence="cao",
    )
    assert "“q9”" in problems["factors"]
    assert "“w”" in problems["weight"]
    assert "một cột" in problems["strata"]
    assert "“Lạ”" in problems["domains"]
    assert "“2025”, “2026”" in problems["compare_from"]
    assert "95" in problems["confidence"]


def test_a_column_has_one_task() -> None:
    assert "vừa là câu hỏi" in refused(factors="A: q1, q2", weight="q1")["factors"]
    assert "hơn một lần" in refused(factors="A: q1\nB: q1")["factors"]


def test_headings_that_stand_twice_or_not_at_all_are_refused() -> None:
    assert "cột A, B" in refused("q1,q1\n5,4\n4,4\n")["factors"]
    assert "không có tên" in refused("q1,,q3\n5,4,4\n4,2,2\n", factors="A: A-C")["factors"]


def test_too_many_groups_are_refused() -> None:
    table = "q1,xa\n" + "".join(f"4,x{number}\n" for number in range(13))
    assert "13 giá trị" in refused(table, factors="A: q1", domains="xa")["domains"]


def test_a_table_without_questions_says_so() -> None:
    assert "Không nhận ra cột câu hỏi" in refused("a,b\nx,7\ny,8\n")["factors"]


def test_the_right_sheet_of_a_workbook_is_found() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Hướng dẫn điền phiếu"])
    sheet = book.create_sheet("Số liệu")
    for row in (["Phiếu khảo sát"], [], ["q1", "q2", "năm"], [5, "4", 2026], ["Hài lòng", 3, 2026]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    plan = draft(out.getvalue(), "tep.xlsx", factors="A: q1, q2")
    assert plan.questions == ("q1", "q2")


def test_the_text_reads_as_people_write_it() -> None:
    text = draft_text(factors="Phí: E\nMột: q1", domains="Giới tính")
    assert text.startswith('factors:\n  Phí: ["Câu 3, về phí"]\n  Một: [q1]\n'.replace('"', "'"))
    assert "- {Giới tính: Nam}\n" in text
