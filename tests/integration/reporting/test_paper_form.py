"""Forms to fill in by hand: every question of the version, numbers, rules in words, the square."""

import io
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
import segno
from PIL import Image

from survey_app.errors import Invalid
from survey_app.questionnaire.definition import Condition, QuestionKind, Questionnaire
from survey_app.questionnaire.keying import answer_keys
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.reporting.fieldwork.paper_form import PaperForm, form_parts, render_paper_form
from tests.factories import QUESTIONNAIRES

NAMES = ("sipas-counter", "one-stop-rating")


def load(name: str) -> Questionnaire:
    return parse_questionnaire((QUESTIONNAIRES / f"{name}.yaml").read_text())


def make_form(name: str = "sipas-counter", **changes: object) -> PaperForm:
    form = PaperForm(
        questionnaire=load(name),
        survey_code="KS-2026",
        survey_title="Khảo sát năm 2026",
        agency="Ủy ban nhân dân phường Trấn Biên",
        parent_agency="Ủy ban nhân dân tỉnh Đồng Nai",
        unit_name="Phường Trấn Biên",
        point_label="Quầy tiếp nhận số 1",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        token="ABCDEFGH",
        address="https://khaosat.example.vn/s/ABCDEFGH",
        is_demo=False,
    )
    return replace(form, **changes)  # type: ignore[arg-type]


def words(document: bytes, *options: str) -> str:
    """What is to be read, white space and case aside."""
    command = ["pdftotext", "-raw", *options, "-", "-"]
    done = subprocess.run(command, input=document, capture_output=True, check=True)
    return squeeze(done.stdout.decode())


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).casefold()


def pages(document: bytes) -> int:
    return len(pypdf.PdfReader(io.BytesIO(document)).pages)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_and_answer_of_the_version_is_on_paper(name: str) -> None:
    form = make_form(name)
    text = words(render_paper_form(form))
    for section in form.questionnaire.sections:
        assert squeeze(str(section.title)) in text
    for number, question in enumerate(form.questionnaire.questions, start=1):
        assert squeeze(f"{number}. {question.text}") in text
        assert question.code in text
        for choice in question.choices:
            assert squeeze(str(choice.label)) in text
    boxes = sum(len(answer_keys(question)) for question in form.questionnaire.questions)
    assert text.count("□") == boxes + 1  # one more in the advice on ticking


def test_the_form_says_who_asks_when_and_that_nobody_is_named() -> None:
    text = words(render_paper_form(make_form()))
    for said in (
        "Ủy ban nhân dân phường Trấn Biên",
        "Ủy ban nhân dân tỉnh Đồng Nai",
        "từ 01/01/2026 đến 31/12/2026",
        "Phiếu không ghi tên",
        "khaosat.example.vn và nhập mã ABCD EFGH",
        "Nếu câu 24 chọn “Ba lần” hoặc “Từ bốn lần trở lên” thì trả lời câu 25",
        "Chọn nhiều nhất ba nội dung.",
    ):
        assert squeeze(said) in text
    assert "dữliệuminhhọa" not in text
    assert "dữliệuminhhọa" in words(render_paper_form(make_form(is_demo=True)))


def test_every_copy_carries_its_own_number_on_every_page() -> None:
    one, many = (render_paper_form(make_form(first=7, copies=n)) for n in (1, 40))
    length = pages(one)
    assert pages(many) == 40 * length
    for copy, number in ((0, "0007"), (1, "0008"), (39, "0046")):
        for page in range(copy * length + 1, (copy + 1) * length + 1):
            text = words(many, "-f", str(page), "-l", str(page))
            assert set(re.findall(r"sốphiếu:(\d+)", text)) == {number}
    assert len(many) < 2 * len(one)


def test_numbers_of_one_print_are_of_one_width() -> None:
    assert make_form(first=9_999, copies=2).numbers == ("09999", "10000")
    assert make_form(first=99_999).numbers == ("99999",)


def test_a_form_of_three_pages_is_followed_by_an_empty_one() -> None:
    questionnaire = load("sipas-counter")
    sections = (*questionnaire.sections, *questionnaire.sections[:4])
    longer = make_form(questionnaire=replace(questionnaire, sections=sections), copies=2)
    document = render_paper_form(longer)
    assert pages(document) == 8
    assert words(document, "-f", "4", "-l", "4") == ""
    assert "sốphiếu:0002" in words(document, "-f", "5", "-l", "5")


@pytest.mark.parametrize("name", NAMES)
def test_a_single_form_can_be_read_aloud(name: str) -> None:
    document = render_paper_form(make_form(name))
    root = pypdf.PdfReader(io.BytesIO(document)).root_object
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert 'pdfuaid:part="1"' in root["/Metadata"].get_object().get_data().decode()
    found = list(elements(root["/StructTreeRoot"]["/K"]))
    kinds = [element["/S"] for element in found]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") >= len(load(name).sections)
    assert kinds.count("/TH") > len([q for q in load(name).questions if q.scale])
    assert [e["/Alt"] for e in found if e["/S"] == "/Figure"] == ["Mã QR"]
    assert document == render_paper_form(make_form(name))


def elements(kids: Any) -> Iterator[Any]:
    """The elements of a structure tree, in reading order."""
    kids = kids.get_object()
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from elements(kid["/K"]) if "/K" in kid else ()


def test_the_same_form_is_the_same_bytes() -> None:
    assert render_paper_form(make_form(copies=3)) == render_paper_form(make_form(copies=3))


def test_the_square_on_paper_leads_to_the_open_link(tmp_path: Path) -> None:
    """Drawn module by module: what is dark on the picture is what the code says."""
    form = make_form()
    (tmp_path / "form.pdf").write_bytes(render_paper_form(form))
    command = ["pdftoppm", "-r", "300", "-l", "1", "-gray", "-png", "form.pdf", "page"]
    subprocess.run(command, cwd=tmp_path, check=True)
    picture = Image.open(next(tmp_path.glob("page*.png"))).convert("L")
    millimetre = 300 / 25.4
    left, top, side = (210 - 14 - 27) * millimetre, 11 * millimetre, 27 * millimetre
    matrix = [list(row) for row in segno.make(form.address, error="m", micro=False).matrix]
    module = side / (len(matrix) + 8)
    read = [
        [
            int(picture.getpixel((left + (x + 4.5) * module, top + (y + 4.5) * module)) < 128)
            for x in range(len(matrix))
        ]
        for y in range(len(matrix))
    ]
    assert read == matrix


@pytest.mark.parametrize(
    "wrong", [{"copies": 0}, {"copies": 201}, {"first": 0}, {"first": 99_999, "copies": 2}]
)
def test_impossible_numbers_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid, match=r"phiếu"):
        make_form(**wrong)


def test_a_matrix_leaves_out_the_box_a_question_does_not_offer() -> None:
    parts = form_parts(load("one-stop-rating"))
    (matrix,) = parts[1].blocks
    assert [column.key for column in matrix.columns] == ["1", "2", "3", "4", "5", "0"]
    assert matrix.entries[0].boxes[-1] is None
    assert matrix.entries[1].boxes[-1] is not None
    assert parts[2].blocks[0].entries[0].question.kind is QuestionKind.MULTIPLE


def test_rules_are_said_in_words_that_leave_no_doubt() -> None:
    questionnaire = load("sipas-counter")
    trips, reason, wishes = (
        questionnaire[code] for code in ("visit.trips", "visit.trips_reason", "needs.improvements")
    )
    not_once = Condition(trips.code, frozenset({"1", "online"}), negated=True)
    not_faster = Condition(wishes.code, frozenset({"faster"}), negated=True)
    asked_when = replace(reason, ask_when=(not_once, not_faster))
    section = replace(questionnaire.sections[0], questions=(trips, wishes, asked_when))
    (part,) = form_parts(replace(questionnaire, sections=(section,)))
    assert part.blocks[-1].entries[0].notes[0] == (
        "Nếu câu 1 chọn ý khác với “Một lần” và “Làm trực tuyến toàn bộ” và câu 2 có trả lời mà "
        "không chọn “Rút ngắn thời gian giải quyết” thì trả lời câu 3; nếu không, bỏ qua câu này."
    )
