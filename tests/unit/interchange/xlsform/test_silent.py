"""Nothing in a form goes by in silence: whatever a cell adds changes what is read, or is named."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import openpyxl
import pytest

from survey_app.errors import Invalid
from survey_app.interchange.xlsform.reading import read_xlsform
from tests.unit.interchange.xlsform.forms import (
    ASKED,
    ENGLISH,
    FRUIT,
    LABEL,
    MANY,
    TEXT,
    YES_NO,
    form,
    named,
    workbook,
)

pytestmark = pytest.mark.usefixtures("in_this_process")

Row = Mapping[str, str]

SETTINGS = {
    "form_title": "Thử",
    "form_id": "thu",
    "default_language": "Tiếng Việt (vi)",
}
ROWS: tuple[Row, ...] = (
    ASKED,
    {"type": "begin_group", "name": "g", LABEL: "Nhóm"},
    {"type": "note", "name": "n", LABEL: "Ghi chú"},
    TEXT,
    {"type": "integer", "name": "i", LABEL: "Mấy lần?"},
    {"type": "range", "name": "r", LABEL: "Mấy điểm?", "parameters": "start=0 end=5"},
    MANY,
    {"type": "end_group"},
)
#: What may stand in a cell, by column; each is a change that somebody can have meant.
CELLS: Row = {
    LABEL: "Lời khác",
    ENGLISH: "Words",
    "label": "Lời khác",
    "caption": "Lời khác",
    "hint": "Gợi ý",
    "hint::English (en)": "Hint",
    "guidance_hint": "Đọc chậm",
    "required": "yes",
    "required_message": "Phải ghi",
    "constraint": ". > 3",
    "constraint_message": "Quá ít",
    "relevant": "${came} = 'yes'",
    "relevance": "${came} = 'no'",
    "default": "1",
    "calculation": "1 + 1",
    "calculate": "1 + 1",
    "read_only": "yes",
    "disabled": "yes",
    "appearance": "minimal",
    "choice_filter": "name = ${came}",
    "parameters": "randomize=true",
    "trigger": "${came}",
    "repeat_count": "2",
    "image": "a.png",
    "media::audio::English (en)": "a.mp3",
    "big-image": "a.png",
    "autoplay": "audio",
    "rows": "3",
    "intent": "x",
    "bind::x": "1",
    "instance::x": "1",
    "body::x": "1",
    "save_to": "p",
    "value": "khac",
    "tags": "#x",
    "": "không có tên cột",
}


def read(survey: list[Row], choices: list[Row], settings: Row) -> tuple[str | None, list[str]]:
    found = read_xlsform(workbook(survey, choices, [settings]), "a.xlsx")
    return found.source, [f"{f.what}|{f.place}" for f in found.findings]


def unspoken(
    survey: list[Row], choices: list[Row], settings: Row = SETTINGS, *, was: object
) -> bool:
    return read(survey, choices, settings) == was


def with_cell(rows: tuple[Row, ...], place: int, cell: Row) -> list[Row]:
    return [row | cell if at == place else row for at, row in enumerate(rows)]


def cells(row: Row) -> Iterator[Row]:
    return ({column: text} for column, text in CELLS.items() if row.get(column) != text)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 5])
def test_every_cell_of_a_row_is_read_or_named(place: int) -> None:
    choices: list[Row] = [*YES_NO, *FRUIT]
    was = read(list(ROWS), choices, SETTINGS)
    assert was[0] is not None
    silent = [
        next(iter(cell))
        for cell in cells(ROWS[place])
        if unspoken(with_cell(ROWS, place, cell), choices, was=was)
    ]
    assert silent == []


def test_every_cell_of_an_answer_is_read_or_named() -> None:
    choices = (*YES_NO, *FRUIT)
    was = read(list(ROWS), list(choices), SETTINGS)
    silent = [
        next(iter(cell))
        for cell in cells(choices[0])
        if unspoken(list(ROWS), with_cell(choices, 0, cell), was=was)
    ]
    assert silent == []


@pytest.mark.parametrize("name", ["version", "id_string", "title", "style", "instance_name"])
def test_every_setting_is_read_or_named(name: str) -> None:
    choices: list[Row] = [*YES_NO, *FRUIT]
    was = read(list(ROWS), choices, SETTINGS)
    assert not unspoken(list(ROWS), choices, {**SETTINGS, name: "x"}, was=was)


# ── one by one ────────────────────────────────────────────────────────────────────────────────

TWINS = "Hai cột “{}” và “{}” nói về cùng một điều, nội dung lại khác nhau"
RANGE = "Thanh trượt (range) không phải từng số nguyên"


def test_two_columns_of_one_language_that_differ() -> None:
    data = form(TEXT | {"label": "What do you say?"}, ASKED | {"label": ASKED[LABEL]})
    what = TWINS.format(LABEL, "label")
    assert named(data)[0] == [(what, "trang “survey”, dòng 2, cột D (label)")]
    assert named(form(TEXT | {"label": TEXT[LABEL]}))[0] == []


def test_a_plain_column_is_in_the_language_that_the_settings_name() -> None:
    english = {"default_language": "English (en)"}
    assert named(form(TEXT | {"label": "What do you say?"}, settings=[english]))[0] == []


def test_a_default_language_that_nobody_knows_is_told() -> None:
    row = {"type": "text", "name": "a", "label": "Góp ý?"}
    settings = [{"form_title": "Thử", "form_id": "thu", "default_language": "Blabla"}]
    left = named(form(row, settings=settings))[1]
    assert "Cột không ghi ngôn ngữ được hiểu là tiếng Việt" in [what for what, _ in left]


@pytest.mark.parametrize("column", [LABEL, "hint::Tiếng Việt (vi)"])
def test_answers_put_into_words(column: str) -> None:
    data = form(ASKED, TEXT | {column: "Ông/bà đã chọn ${came}, vì sao?"})
    refused = named(data)[0]
    assert [what for what, _ in refused] == ["Câu trả lời được chèn vào lời văn (${…})"]
    assert refused[0][1].endswith(f"({column})")


@pytest.mark.parametrize("text", ["Giá ${ } là bao nhiêu?", "100 ${", "$came", "${100}"])
def test_signs_that_only_look_like_an_answer_put_into_words(text: str) -> None:
    assert named(form(TEXT | {LABEL: text}))[0] == []


@pytest.mark.parametrize(
    ("text", "is_styled"),
    [
        ("**Phần A.** Ông/bà nói gì?", True),
        ("<span style='color:red'>Ông/bà</span> nói gì?", True),
        ("Dòng một<br>dòng hai", True),
        ("# Phần A", True),
        ("Xem [hướng dẫn](http://a.example)", True),
        ("Ông/bà *không* đến?", True),
        ("5 * 3 * 2 = 30", False),
        ("Chờ < 1 giờ hay > 2 giờ?", False),
        ("ten_bien_dai và a_b", False),
        ("Mục #1 [bắt buộc] *", False),
    ],
)
def test_marks_of_style_are_kept_and_told(text: str, is_styled: bool) -> None:
    found = read_xlsform(form(TEXT | {LABEL: text}), "a.xlsx")
    told = [f for f in found.left_out if f.what.startswith("Ký hiệu định dạng")]
    assert found.source is not None and text in found.source
    assert len(told) == is_styled


@pytest.mark.parametrize(
    ("parameters", "bounds"),
    [
        ("Start=3 END=14", (3, 14)),
        ("start=1;end=5;step=1", (1, 5)),
        ("start=1 , end=5", (1, 5)),
        ("end=20", (1, 20)),
    ],
)
def test_ranges_as_people_write_them(parameters: str, bounds: tuple[int, int]) -> None:
    row = {"type": "range", "name": "r", LABEL: "Mấy?", "parameters": parameters}
    source = read_xlsform(form(row), "a.xlsx").source
    assert source is not None
    assert f"minimum: {bounds[0]}\n" in source and f"maximum: {bounds[1]}\n" in source


@pytest.mark.parametrize(
    "parameters", ["start=0 end=9 STEP=3", "start", "start=0 end=5 tick_labelset=yes_no", "1 10"]
)
def test_ranges_that_are_refused(parameters: str) -> None:
    row = {"type": "range", "name": "r", LABEL: "Mấy?", "parameters": parameters}
    assert [what for what, _ in named(form(row))[0]] == [RANGE]


def test_a_limit_on_a_range_is_one_of_its_bounds() -> None:
    row = {"type": "range", "name": "r", LABEL: "Mấy?", "parameters": "start=0 end=10"}
    source = read_xlsform(form(row | {"constraint": ". >= 2 and . < 9"}), "a.xlsx").source
    assert source is not None and "minimum: 2\n" in source and "maximum: 8\n" in source


def test_answers_searched_in_a_file() -> None:
    data = form(ASKED | {"appearance": "minimal search('places.csv')"})
    assert [what for what, _ in named(data)[0]] == ["Phương án lấy từ tệp ngoài"]


def test_remarks_and_rows_turned_off_ask_nothing() -> None:
    remark = {"type": "", "remark": "phần này hỏi sau"}
    data = form(TEXT, remark, ASKED | {"disabled": "yes"}, MANY | {"disabled": "no"})
    refused, left = named(data)
    assert refused == []
    assert ("Dòng chú thích", "trang “survey”, dòng 3") in left
    assert ("Dòng bị tắt (disabled)", "trang “survey”, dòng 4, cột E (disabled)") in left
    source = read_xlsform(data, "a.xlsx").source
    assert source is not None and "code: ways" in source and "code: came" not in source


def test_what_stands_under_no_heading_and_lists_that_nobody_uses() -> None:
    more = {"list_name": "old", "name": "a", LABEL: "A"}
    left = named(workbook([TEXT | {"": "${came} = 'yes'"}], [more, {"": "600"}]))[1]
    assert left == [
        ("Cột không có tên ở dòng đầu", "trang “survey”, dòng 2, cột D (…)"),
        ("Danh sách phương án “old”", "trang “choices”, dòng 2, cột A (list_name)"),
        ("Dòng chú thích", "trang “choices”, dòng 3"),
        ("Cột không có tên ở dòng đầu", "trang “choices”, dòng 3, cột D (…)"),
    ]


def test_hidden_sheets_are_read() -> None:
    out = io.BytesIO()
    with openpyxl_book(form(ASKED, settings=[{"form_title": "Tên", "form_id": "ma"}])) as book:
        book["choices"].sheet_state = "hidden"
        book["settings"].sheet_state = "veryHidden"
        book.save(out)
    source = read_xlsform(out.getvalue(), "a.xlsx").source
    assert source is not None
    assert "title: Tên" in source and "label: Không rõ" in source


@contextmanager
def openpyxl_book(data: bytes) -> Iterator[openpyxl.Workbook]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    yield book
    book.close()


def test_a_sheet_longer_than_what_is_read_is_refused() -> None:
    choices = [{"list_name": "yes_no", "name": str(n), LABEL: str(n)} for n in range(5_001)]
    with pytest.raises(Invalid, match=r"hơn 5\.000 dòng"):
        read_xlsform(workbook([ASKED], choices), "a.xlsx")


def test_the_hint_of_a_note_is_part_of_it() -> None:
    note = {"type": "note", "name": "n", LABEL: "Kính mời", "hint::Tiếng Việt (vi)": "Ba phút"}
    source = read_xlsform(form(note, TEXT), "a.xlsx").source
    assert source is not None and "Kính mời\\n\\nBa phút" in source


def test_a_translation_that_one_of_two_notes_lacks_is_told() -> None:
    first = {"type": "note", "name": "a", LABEL: "Kính mời", ENGLISH: "Welcome"}
    left = named(form(first, {"type": "note", "name": "b", LABEL: "Ba phút"}, TEXT))[1]
    assert ("Bản dịch (en) của lời dẫn", f"trang “survey”, dòng 3, cột C ({LABEL})") in left
