"""Forms written by others, one documented feature of XLSForm at a time: each comes over as it is,
or is named with its place. pyxform takes every one of them: they are forms, not mistakes."""

from collections.abc import Mapping

import pytest

from survey_app.interchange.xlsform.reading import read_xlsform
from survey_app.questionnaire.definition import (
    Condition,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
)
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.unit.interchange.xlsform.forms import (
    ASKED,
    ENGLISH,
    FRUIT,
    LABEL,
    MANY,
    TEXT,
    YES_NO,
    binds,
    converted,
    form,
    named,
    source_of,
    workbook,
)

Row = Mapping[str, str]


def taken(data: bytes) -> Questionnaire:
    """The questionnaire of a form that pyxform takes as well."""
    converted(data)
    return parse_questionnaire(source_of(data, "Phiếu mẫu.xlsx"))


def question(row: Row, *before: Row) -> Question:
    return taken(form(*before, row)).questions[-1]


# ── what comes over ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("type_", ["select_one yes_no", "select one yes_no", "select1 yes_no"])
def test_select_one(type_: str) -> None:
    found = question(ASKED | {"type": type_})
    assert (found.kind, found.code, found.role) == (QuestionKind.SINGLE, "came", Role.CONTEXT)
    assert [(o.code, str(o.label)) for o in found.options] == [
        ("yes", "Có"),
        ("no", "Không"),
        ("unsure", "Không rõ"),
    ]


@pytest.mark.parametrize("type_", ["select_multiple ways", "select all that apply from ways"])
def test_select_multiple(type_: str) -> None:
    found = question(MANY | {"type": type_, "constraint": "count-selected(.) <= 2"})
    assert (found.kind, found.max_choices) == (QuestionKind.MULTIPLE, 2)


@pytest.mark.parametrize(
    ("constraint", "bounds"),
    [
        (". >= 1 and . <= 120", (1, 120)),
        (".>0 and .<121", (1, 120)),
        ("(. >= 1) and (. <= 120)", (1, 120)),
        (". <= 120", (None, 120)),
        ("", (None, None)),
    ],
)
def test_integer_and_its_bounds(constraint: str, bounds: tuple[int | None, int | None]) -> None:
    found = question({"type": "integer", "name": "n", LABEL: "Mấy lần?", "constraint": constraint})
    assert (found.kind, found.minimum, found.maximum) == (QuestionKind.NUMBER, *bounds)


def test_text_and_its_length() -> None:
    found = question(TEXT | {"constraint": "string-length(.) <= 500"})
    assert (found.kind, found.role, found.max_length) == (QuestionKind.TEXT, Role.COMMENT, 500)


def test_range_of_whole_numbers() -> None:
    row = {"type": "range", "name": "r", LABEL: "0–10?", "parameters": "start=0 end=10 step=1"}
    found = question(row)
    assert (found.kind, found.minimum, found.maximum) == (QuestionKind.NUMBER, 0, 10)


def test_required_and_hint() -> None:
    found = question(TEXT | {"required": "yes", "hint::Tiếng Việt (vi)": "Không ghi tên"})
    assert (found.required, str(found.hint)) == (True, "Không ghi tên")


@pytest.mark.parametrize(
    ("relevant", "conditions"),
    [
        ("${came} = 'yes'", [("came", {"yes"}, False)]),
        ("${came}='yes' or ${came} = \"no\"", [("came", {"yes", "no"}, False)]),
        ("selected(${came}, 'yes')", [("came", {"yes"}, False)]),
        ("selected(${ways}, 'web') and ${came} != ''",
         [("ways", {"web"}, False), ("came", {"yes", "no", "unsure"}, False)]),
        ("${came} != '' and not(${came} = 'yes')", [("came", {"yes"}, True)]),
        ("${came} != '' and ${came} != 'yes'", [("came", {"yes"}, True)]),
        ("not(${ways} = '' or selected(${ways}, 'web'))", [("ways", {"web"}, True)]),
        ("(${came} = 'no') and (selected(${ways}, 'web') or selected(${ways}, 'post'))",
         [("came", {"no"}, False), ("ways", {"web", "post"}, False)]),
        ("true()", []),
    ],
)  # fmt: skip
def test_relevant(relevant: str, conditions: list[tuple[str, set[str], bool]]) -> None:
    found = question(TEXT | {"relevant": relevant}, ASKED, MANY)
    assert found.ask_when == tuple(Condition(q, frozenset(o), n) for q, o, n in conditions)


def test_not_is_enough_after_a_required_question() -> None:
    found = question(TEXT | {"relevant": "not(${came} = 'yes')"}, ASKED | {"required": "yes"})
    assert found.ask_when == (Condition("came", frozenset({"yes"}), True),)


def test_groups_are_sections_and_their_condition_is_that_of_every_question() -> None:
    group = {"type": "begin group", "name": "after", LABEL: "Sau khi đến"}
    data = form(ASKED, group | {"relevant": "${came} = 'yes'"}, MANY, TEXT, {"type": "end group"})
    found = taken(data)
    assert [(s.code, str(s.title)) for s in found.sections] == [
        ("chung", "Phiếu mẫu"),
        ("after", "Sau khi đến"),
    ]
    expected = (Condition("came", frozenset({"yes"})),)
    assert [q.ask_when for q in found.questions] == [(), expected, expected]


def test_notes_are_introductions_and_thanks() -> None:
    def note(name: str, text: str) -> Row:
        return {"type": "note", "name": name, LABEL: text}

    group = {"type": "begin_group", "name": "g", LABEL: "Phần"}
    end = {"type": "end_group"}
    hello, more, inside, bye = (
        note(f"n{i}", t) for i, t in enumerate(["Kính mời", "Xin", "Dẫn", "Cảm ơn"])
    )
    found = taken(form(hello, more, group, inside, TEXT, end, bye))
    assert str(found.introduction) == "Kính mời\n\nXin"
    assert str(found.sections[0].introduction) == "Dẫn"
    assert str(found.thanks) == "Cảm ơn"


def test_a_note_before_a_question_is_its_hint() -> None:
    def note(name: str, text: str, **more: str) -> Row:
        return {"type": "note", "name": name, LABEL: text, **more}

    when = {"relevant": "${came} = 'yes'"}
    rows = (ASKED, note("a", "Một"), note("b", "Hai"), TEXT, note("c", "Ba", **when))
    hinted = MANY | when | {"hint::Tiếng Việt (vi)": "Chọn nhiều"}
    data = form(*rows, hinted)
    found = taken(data)
    assert [str(q.hint or "") for q in found.questions] == ["", "Một\n\nHai", "Ba\n\nChọn nhiều"]
    assert [what for what, _ in named(data)[1] if "Ghi chú" in what] == [
        "Ghi chú đứng giữa các câu hỏi"
    ] * 2


@pytest.mark.parametrize("type_", ["select_one yes_no or_other", "select_multiple yes_no or_other"])
def test_or_other_is_an_answer_and_a_text(type_: str) -> None:
    after = TEXT | {"relevant": "selected(${came}, 'other')"}
    rows = [ASKED | {"type": type_, ENGLISH: "Came?"}, after | {ENGLISH: "Say"}]
    data = workbook(rows, [row | {"label::English (en)": row["name"]} for row in YES_NO])
    assert "came_other" in binds(converted(data)[0]), "as a converter of XLSForm has it"
    came, other, said = taken(data).questions
    assert came.choices[-1].code == "other"
    assert came.choices[-1].label.texts == {"vi": "Khác", "en": "Other"}
    assert (other.code, other.kind, other.text.speaks("en")) == (
        "came_other",
        QuestionKind.TEXT,
        True,
    )
    expected = (Condition("came", frozenset({"other"})),)
    assert other.ask_when == said.ask_when == expected


def test_languages_and_missing_translations() -> None:
    rows = (TEXT | {ENGLISH: "Comments?"}, ASKED)
    choices = [
        row | {"label::English (en)": "Yes"} if row["name"] == "yes" else row for row in YES_NO
    ]
    found = taken(workbook(rows, choices))
    assert found.languages == ("vi", "en")
    assert found["said"].text.texts == {"vi": "Ông/bà góp ý gì?", "en": "Comments?"}
    assert not found["came"].text.speaks("en")
    assert [o.label.speaks("en") for o in found["came"].options] == [True, False, False]


def test_settings() -> None:
    settings = [{"form_title": "Đánh giá", "form_id": "danh-gia", "version": "5"}]
    found = taken(form(TEXT, settings=settings))
    assert (str(found.title), found.code) == ("Đánh giá", "danh-gia")


def test_a_plain_label_is_in_the_default_language() -> None:
    row = {"type": "text", "name": "a", "label": "Comments?", LABEL: "Góp ý?"}
    settings = [{"form_title": "A", "form_id": "a", "default_language": "English (en)"}]
    assert taken(form(row, settings=settings))["a"].text.texts == {
        "vi": "Góp ý?",
        "en": "Comments?",
    }


def test_a_csv_with_the_names_of_the_sheets() -> None:
    survey = "survey,,,\n,type,name,label\n,select_one yn,a,Có không?\n"
    text = survey + "choices,,,\n,list_name,name,label\n,yn,y,Có\n,yn,n,Không\n"
    found = parse_questionnaire(source_of(text.encode(), "Phiếu.csv"))
    assert [o.code for o in found["a"].options] == ["y", "n"]


# ── what is named: left out ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("type_", ["start", "end", "today", "deviceid", "username", "audit"])
def test_what_a_device_notes_by_itself(type_: str) -> None:
    data = form(TEXT, {"type": type_, "name": type_})
    converted(data)
    assert named(data) == (
        [],
        [("Thông tin tự ghi của thiết bị", "trang “survey”, dòng 3, cột A (type)")],
    )


@pytest.mark.parametrize(
    ("heading", "cell", "what"),
    [
        ("default", "yes", "Giá trị chọn sẵn"),
        ("appearance", "minimal", "Cách trình bày"),
        ("appearance", "likert", "Cách trình bày"),
        ("parameters", "randomize=true", "Tham số (parameters)"),
        ("constraint_message::Tiếng Việt (vi)", "Sai", "Câu báo lỗi riêng"),
        ("required_message::Tiếng Việt (vi)", "Thiếu", "Câu báo lỗi riêng"),
        ("guidance_hint::Tiếng Việt (vi)", "Đọc to", "Gợi ý dành cho điều tra viên"),
        ("read_only", "yes", "Chỉ đọc (read_only)"),
    ],
)
def test_cells_that_are_left_out(heading: str, cell: str, what: str) -> None:
    data = form(ASKED | {heading: cell})
    converted(data)
    assert named(data) == ([], [(what, f"trang “survey”, dòng 2, cột D ({heading})")])


def test_nested_groups_become_sections_in_a_row() -> None:
    def group(name: str) -> Row:
        return {"type": "begin_group", "name": name, LABEL: name.upper()}

    end = {"type": "end_group"}
    again = {"type": "text", "name": "z", LABEL: "Z?"}
    data = form(group("outer"), TEXT, group("inner"), ASKED, end, again, end)
    assert [(s.code, [q.code for q in s.questions]) for s in taken(data).sections] == [
        ("outer", ["said"]),
        ("inner", ["came"]),
        ("outer_2", ["z"]),
    ]
    _, left = named(data)
    assert ("Nhóm “INNER” nằm trong nhóm “OUTER”", "trang “survey”, dòng 4") in left


def test_codes_that_cannot_stay() -> None:
    choices = [
        {"list_name": "l", "name": "Yes", LABEL: "Có"},
        {"list_name": "l", "name": "na", LABEL: "Na Uy"},
    ]
    rows = [
        {"type": "select_one l", "name": "Q1", LABEL: "Một?"},
        TEXT | {"relevant": "${Q1} = 'Yes' or ${Q1} = 'na'"},
    ]
    found = taken(workbook(rows, choices))
    assert [o.code for o in found["q1"].options] == ["yes", "answer_na"]
    assert found["said"].ask_when == (Condition("q1", frozenset({"yes", "answer_na"})),)
    _, left = named(workbook(rows, choices))
    assert [what for what, _ in left] == [
        "Mã “Q1” được đổi thành “q1”",
        "Mã phương án “Yes” được đổi thành “yes”",
        "Mã phương án “na” được đổi thành “answer_na”",
    ]


def test_unknown_columns_sheets_and_settings() -> None:
    settings = [{"form_id": "a", "form_title": "A", "style": "pages", "instance_name": "x"}]
    data = workbook([TEXT | {"ghi chú": "x"}], (), settings, Lists=[{"a": "b"}])
    _, left = named(data)
    assert sorted(what for what, _ in left) == [
        "Cột “ghi chú”",
        "Thiết lập “instance_name”",
        "Thiết lập “style”",
        "Trang “Lists”",
    ]


def test_roles_are_asked_for_once() -> None:
    reading = read_xlsform(form(ASKED, MANY, TEXT), "a.xlsx")
    assert [f.what for f in reading.left_out] == ["3 câu chưa có vai trò (từ dòng 2)"]


def test_what_a_hand_changed_in_our_own_form_counts() -> None:
    """The columns of our own do not overrule what the form says to everybody."""
    rows = [
        {
            "type": "integer",
            "name": "n",
            LABEL: "N?",
            "hailong_role": "demographic",
            "constraint": ". >= 18",
        }
    ]
    found = taken(workbook(rows))["n"]
    assert (found.role, found.minimum) == (Role.DEMOGRAPHIC, 18)


def test_choices_are_shared_with_nobody() -> None:
    """Two questions with one list have options of their own: a list is no scale by itself."""
    found = taken(form(ASKED, ASKED | {"name": "again"}))
    assert found["came"].options == found["again"].options
    assert len(FRUIT) == 3
