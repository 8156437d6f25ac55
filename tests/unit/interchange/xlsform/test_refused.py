"""What a form can say and a questionnaire here cannot: refused, with its cell and what to do."""

from collections.abc import Mapping

import pytest

from survey_app.errors import Invalid
from survey_app.interchange.xlsform.reading import read_xlsform
from tests.unit.interchange.xlsform.forms import (
    ASKED,
    ENGLISH,
    LABEL,
    MANY,
    TEXT,
    YES_NO,
    Rows,
    converted,
    form,
    named,
    workbook,
)

Row = Mapping[str, str]

RELEVANT = "Điều kiện hỏi (relevant) không biểu đạt được"
CONSTRAINT = "Ràng buộc (constraint) không biểu đạt được"
RANGE = "Thanh trượt (range) không phải từng số nguyên"


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"type": "decimal"}, "Câu hỏi số thập phân"),
        ({"type": "range", "parameters": "start=0 end=1 step=0.5"}, RANGE),
        ({"type": "rank ways"}, "Câu hỏi xếp thứ tự"),
        *[({"type": t}, "Câu hỏi ngày, giờ") for t in ("date", "time", "dateTime")],
        *[({"type": t}, "Câu hỏi vị trí địa lý") for t in ("geopoint", "geotrace", "geoshape")],
        *[({"type": t}, "Câu hỏi bằng ảnh, âm thanh, phim hoặc tệp")
          for t in ("image", "audio", "video", "file", "barcode", "background-audio")],
        ({"type": "calculate", "calculation": "1 + 1"}, "Giá trị tính toán hoặc ẩn"),
        ({"type": "hidden"}, "Giá trị tính toán hoặc ẩn"),
        ({"type": "acknowledge"}, "Ô xác nhận"),
        ({"type": "select_one_from_file places.csv"}, "Phương án lấy từ tệp ngoài"),
        ({"type": "select_multiple_from_file places.csv"}, "Phương án lấy từ tệp ngoài"),
        ({"type": "csv-external"}, "Phương án lấy từ tệp ngoài"),
    ],
)  # fmt: skip
def test_types_that_are_refused(row: Row, what: str) -> None:
    data = form(ASKED, {"name": "x", LABEL: "Câu này?", **row})
    converted(data)
    refused, _ = named(data)
    assert [(name, place.split(", cột")[0]) for name, place in refused] == [
        (what, "trang “survey”, dòng 3")
    ]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ({"choice_filter": "name = 'web'"}, "Lọc phương án theo câu trước"),
        ({"image::Tiếng Việt (vi)": "a.png"}, "Ảnh, âm thanh hoặc phim trong câu hỏi"),
        ({"media::audio::Tiếng Việt (vi)": "a.mp3"}, "Ảnh, âm thanh hoặc phim trong câu hỏi"),
        ({"required": "${came} = 'yes'"}, "Bắt buộc theo điều kiện"),
        ({"constraint": "count-selected(.) >= 2"}, CONSTRAINT),
        ({"constraint": "not(selected(., 'web'))"}, CONSTRAINT),
        ({"relevant": "${came} = 'yes' or selected(${old}, 'web')"}, RELEVANT),
        ({"relevant": "${came} != 'yes'"}, RELEVANT),
        ({"relevant": "not(selected(${came}, 'yes'))"}, RELEVANT),
        ({"relevant": "${came} = ''"}, RELEVANT),
        ({"relevant": "${old} = 'web'"}, RELEVANT),
        ({"relevant": "${age} > 18"}, RELEVANT),
        ({"relevant": "${said} = 'a'"}, RELEVANT),
        ({"relevant": "count-selected(${old}) > 1"}, RELEVANT),
        ({"relevant": "${came} = 'never'"}, RELEVANT),
        ({"relevant": "not(${came} = 'yes' and ${came} = 'no')"}, RELEVANT),
    ],
)  # fmt: skip
def test_cells_that_are_refused(cells: Row, what: str) -> None:
    age = {"type": "integer", "name": "age", LABEL: "Tuổi?"}
    before = (ASKED, MANY | {"name": "old"}, age, TEXT)
    data = form(*before, MANY | cells)
    converted(data)
    refused, _ = named(data)
    heading = next(iter(cells))
    assert [name for name, _ in refused] == [what]
    assert refused[0][1].startswith("trang “survey”, dòng 6, cột ")
    assert refused[0][1].endswith(f"({heading})")


@pytest.mark.parametrize(
    ("type_", "constraint"),
    [
        ("integer", ". mod 2 = 0"),
        ("integer", ". >= ${a}"),
        ("integer", ". > 0 or . < 9"),
        ("text", "regex(., '[0-9]{10}')"),
        ("text", "string-length(.) >= 3"),
        ("select_one yes_no", ". = 'yes'"),
    ],
)
def test_constraints_that_are_refused(type_: str, constraint: str) -> None:
    first = {"type": "integer", "name": "a", LABEL: "A?"}
    data = form(first, {"type": type_, "name": "b", LABEL: "B?", "constraint": constraint})
    converted(data)
    assert [what for what, _ in named(data)[0]] == [CONSTRAINT]


def test_numbers_beyond_what_is_kept() -> None:
    row = {"type": "integer", "name": "a", LABEL: "A?", "constraint": ". >= -5"}
    assert [what for what, _ in named(form(row))[0]] == ["Giới hạn nằm ngoài khoảng số nhận được"]


def test_repeats_and_what_is_in_them() -> None:
    data = form(
        {"type": "begin repeat", "name": "people", LABEL: "Từng người"},
        {"type": "date", "name": "born", LABEL: "Ngày sinh?"},
        {"type": "end repeat"},
    )
    converted(data)
    refused = [f for f in named(data)[0] if "nhập được" not in f[0]]
    assert refused == [
        ("Nhóm lặp lại", "trang “survey”, dòng 2, cột A (type)"),
        ("Câu hỏi ngày, giờ", "trang “survey”, dòng 3, cột A (type)"),
    ]


def test_a_note_that_is_not_shown_with_the_next_question() -> None:
    note = {"type": "note", "name": "n", LABEL: "Chú ý"}
    group = {"type": "begin_group", "name": "g", LABEL: "Phần"}
    end = {"type": "end_group"}
    what = "Ghi chú không đứng ngay trước một câu có cùng điều kiện"
    skipped = TEXT | {"relevant": "${came} = 'yes'"}
    assert named(form(group, ASKED, note, skipped, end))[0] == [
        (what, "trang “survey”, dòng 4, cột A (type)")
    ]
    assert [w for w, _ in named(form(group, ASKED, note, end, TEXT))[0]] == [what]
    told = note | {"relevant": "${came} = 'yes'"}
    assert [w for w, _ in named(form(ASKED, told))[0]] == [what]
    assert [w for w, _ in named(form(ASKED, told, TEXT))[0]] == [what]
    assert [w for w, _ in named(form(TEXT, group, note, end))[0]] == [what]
    assert [w for w, _ in named(form(ASKED, note, group, TEXT, end))[0]] == [what]
    for pair in ((note, told), (told, note)):
        assert what in [w for w, _ in named(form(ASKED, *pair, TEXT))[0]]


def test_other_to_a_list_that_has_it() -> None:
    choices = [*YES_NO, YES_NO[0] | {"name": "other", LABEL: "Khác"}]
    data = workbook([ASKED | {"type": "select_one yes_no or_other"}], choices)
    assert [w for w, _ in named(data)[0]] == ["Phương án “khác” tự ghi (or_other)"]


def test_pictures_among_the_answers_and_entities() -> None:
    choices = [YES_NO[0] | {"image::Tiếng Việt (vi)": "yes.png"}, *YES_NO[1:]]
    assert named(workbook([ASKED], choices))[0] == [
        (
            "Ảnh, âm thanh hoặc phim trong phương án",
            "trang “choices”, dòng 2, cột D (image::Tiếng Việt (vi))",
        )
    ]
    entities: Rows = [{"list_name": "trees", "label": "${said}"}]
    assert [w for w, _ in named(workbook([TEXT], entities=entities))[0]] == ["Trang “entities”"]


def test_vietnamese_is_missing() -> None:
    row = {"type": "text", "name": "a", ENGLISH: "Comments?"}
    assert named(form(row))[0] == [
        ("Thiếu nội dung tiếng Việt", "trang “survey”, dòng 2, cột C (label::English (en))")
    ]
    unknown = TEXT | {"label::Blabla": "Bla"}
    assert [w for w, _ in named(form(unknown))[0]] == ["Không nhận ra ngôn ngữ của cột"]


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([ASKED | {"type": "select_one nothing"}], "Không có danh sách phương án “nothing”"),
        ([{"type": "texte", "name": "a", LABEL: "A?"}, TEXT], "Loại câu hỏi “texte”"),
        ([{"type": "", "name": "a", LABEL: "A?"}, TEXT], "Dòng chưa ghi loại (type)"),
        ([{"type": "text", "name": "", LABEL: "A?"}], "Câu hỏi chưa có tên (name)"),
        ([{"type": "text", "name": "a", LABEL: ""}], "Câu hỏi chưa có nội dung (label)"),
        ([ASKED | {"type": "begin_group", LABEL: "G"}], "Nhóm “G” không có dòng kết thúc"),
        ([TEXT, {"type": "end_group"}], "Thừa dòng kết thúc nhóm"),
        ([{"type": "note", "name": "n", LABEL: "N"}], "Biểu mẫu không có câu hỏi nào nhập được"),
    ],
)  # fmt: skip
def test_mistakes_in_the_form_itself(rows: list[Row], what: str) -> None:
    assert what in [name for name, _ in named(form(*rows))[0]]


def test_choices_that_cannot_be_told_apart() -> None:
    assert [w for w, _ in named(workbook([ASKED], [*YES_NO, YES_NO[0]]))[0]] == [
        "Mã “yes” có hai lần trong cùng danh sách"
    ]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"type": "integer", "constraint": f". <= {'9' * 4900}"}, CONSTRAINT),
        ({"type": "range", "parameters": f"start=0 end={'9' * 4900}"}, RANGE),
    ],
)
def test_numbers_that_no_computer_reads_are_refused(row: Row, what: str) -> None:
    data = form(ASKED, {"name": "x", LABEL: "Câu này?", **row})
    assert [name for name, _ in named(data)[0]] == [what]


def test_every_mistake_at_once_in_the_order_of_the_form() -> None:
    data = form(
        {"type": "date", "name": "a", LABEL: "A?"},
        TEXT | {"relevant": "${a} > 1"},
        {"type": "geopoint", "name": "b", LABEL: "B?"},
    )
    assert [place.split(", ")[1] for _, place in named(data)[0]] == ["dòng 2", "dòng 3", "dòng 4"]
    assert "Hãy đổi thành các khoảng để chọn" in str(read_xlsform(data, "a.xlsx").refused[0])


# ── files from strangers ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Tệp trống"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "trang web"),
        (b"PK\x03\x04" + b"\0" * 200, "Không đọc được tệp"),
        (b"x" * (6 * 1024 * 1024), "lớn quá 5 MB"),
    ],
)
def test_files_that_are_no_workbook(data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        read_xlsform(data, "a.xlsx")


def test_workbooks_that_are_no_form() -> None:
    with pytest.raises(Invalid, match="không có trang tên “survey”"):
        read_xlsform(workbook([], other=[{"a": "b"}]), "a.xlsx")
    with pytest.raises(Invalid, match="cột “type”"):
        read_xlsform(workbook([{"a": "b"}]), "a.xlsx")


def test_a_bottomless_expression_is_refused_and_not_followed() -> None:
    deep = "(" * 3000 + "${came} = 'yes'" + ")" * 3000
    refused, _ = named(form(ASKED, TEXT | {"relevant": deep}))
    assert [what for what, _ in refused] == [RELEVANT]
