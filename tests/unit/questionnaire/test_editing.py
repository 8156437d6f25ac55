"""Editing a draft: YAML in, YAML out; references follow; what is unfinished is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.editing import choices, codes, parts
from survey_app.questionnaire.editing.borrowing import borrow_question
from survey_app.questionnaire.editing.choices import ChoiceChange
from survey_app.questionnaire.editing.document import (
    Document,
    clean_text,
    from_questionnaire,
    new_document,
    questions_of,
    read_document,
    write_document,
)
from survey_app.questionnaire.editing.mistakes import (
    Part,
    Place,
    find_mistakes,
)
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.unit.questionnaire.strategies import patiently, questionnaires

QUESTIONNAIRES = Path(__file__).parents[3] / "questionnaires"
SIPAS = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")


def draft() -> Document:
    """Two sections: a factor with two criteria, and one with a choice asked after a condition."""
    document, access = parts.add_section(new_document("thu", "Thử"), "Tiếp cận", is_factor=True)
    document, _ = parts.add_question(document, access, "Biển hiệu dễ thấy")
    document, _ = parts.add_question(document, access, "Đủ chỗ ngồi")
    document, more = parts.add_section(document, "Khác")
    document, why = parts.add_question(document, more, "Vì sao chưa hài lòng?")
    document = choices.add_condition(document, why, "tiep_can.bien_hieu_de_thay")
    return choices.set_condition(document, why, 0, ["1", "2"], negated=False)


def question(document: Document, code: str) -> Document:
    return parts.find_question(document, code)[1]


# YAML in, YAML out


@patiently
@given(questionnaires())
def test_every_questionnaire_is_a_draft_and_back(questionnaire: Questionnaire) -> None:
    document = from_questionnaire(questionnaire)
    assert parse_questionnaire(write_document(document)) == questionnaire
    assert read_document(write_document(document)) == document


EDITS: list[Callable[[Document, str, Any], Document]] = [
    lambda d, code, pick: parts.set_question(d, code, {"text": {"vi": pick(TEXTS)}}),
    lambda d, code, pick: parts.set_question(d, code, {"hint": {"vi": pick(TEXTS)}}),
    lambda d, code, pick: parts.set_question(d, code, {"kind": pick(KINDS)}),
    lambda d, code, pick: parts.set_question(d, code, {"required": pick([True, False])}),
    lambda d, code, pick: parts.duplicate_question(d, code)[0],
    lambda d, code, pick: parts.remove_question(d, code),
    lambda d, code, pick: parts.shift_question(d, code, pick([-1, 1])),
    lambda d, code, pick: parts.duplicate_section(d, d["sections"][0]["code"])[0],
    lambda d, code, pick: parts.shift_section(d, d["sections"][0]["code"], 1),
    lambda d, code, pick: parts.add_section(d, pick(TEXTS))[0],
    lambda d, code, pick: codes.rename_question(d, code, f"{code}_moi"),
    lambda d, code, pick: choices.add_scale(d, pick(TEXTS))[0],
    lambda d, code, pick: choices.set_general(d, {"title": {"vi": pick(TEXTS)}}),
    lambda d, code, pick: choices.add_language(d, pick(["xx", "yy", "zz"])),
]
KINDS = ["scale", "single", "multiple", "number", "text"]
TEXTS = ["", "no", "a: b\n- c", "  “Đúng” \t hẹn ", "12", "{x}", "\x85x\u2028y", "# ghi", "ế" * 40]


@patiently
@given(questionnaires(), st.data())
def test_an_edited_draft_survives_being_written_down(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    document = from_questionnaire(questionnaire)
    for edit in data.draw(st.lists(st.sampled_from(EDITS), max_size=6)):
        found = [q["code"] for _, q in questions_of(document)]
        if not found:
            break
        code = data.draw(st.sampled_from(found))
        try:
            document = edit(document, code, lambda of: data.draw(st.sampled_from(of)))
        except Invalid:
            continue  # refused, as a language that is there already
        assert read_document(write_document(document)) == document
        find_mistakes(document)  # may find any, never stumbles


def test_an_edit_leaves_the_document_it_was_given_alone() -> None:
    before = draft()
    copy = write_document(before)
    parts.remove_section(before, "tiep_can")
    choices.remove_level(before, "satisfaction", "1")
    assert write_document(before) == copy


def test_a_document_that_no_editor_could_show_is_refused_with_its_lines() -> None:
    twice = SIPAS.replace("code: access.waiting_area", "code: access.signage")
    with pytest.raises(Invalid) as refusal:
        read_document(twice)
    assert [problem.line for problem in refusal.value.problems] == [62]
    with pytest.raises(Invalid, match="1 chỗ"):
        read_document(SIPAS + "colour: red\n")


def test_an_unfinished_document_is_read() -> None:
    document = read_document("format: 1\ncode: moi\nsections:\n  - code: a\n")
    assert document["sections"] == [{"code": "a"}]
    assert document["languages"] == ["vi"]


def test_texts_lose_what_nobody_sees() -> None:
    assert clean_text(" e\u0302\u0301 \x07\r\nb\u2028c\ufffe ") == "ế \nb\nc"


# References follow


def test_codes_are_made_from_words() -> None:
    found = [q["code"] for _, q in questions_of(draft())]
    assert found == [
        "tiep_can.bien_hieu_de_thay",
        "tiep_can.du_cho_ngoi",
        "khac.vi_sao_chua_hai",
    ]


def test_conditions_follow_a_renamed_question_and_its_levels() -> None:
    document = codes.rename_question(draft(), "tiep_can.bien_hieu_de_thay", "bien_hieu")
    levels = document["scales"]["satisfaction"]["levels"]
    wanted = [ChoiceChange(o["code"], f"m{o['code']}", o["label"]) for o in levels]
    document = choices.set_scale(document, "satisfaction", wanted, ["4", "5"], {})
    assert question(document, "khac.vi_sao_chua_hai")["ask_when"] == [
        {"question": "bien_hieu", "is": ["m1", "m2"]}
    ]
    assert document["scales"]["satisfaction"]["satisfied"] == ["m4", "m5"]


def test_two_options_may_change_codes_with_each_other() -> None:
    code = "khac.vi_sao_chua_hai"
    wanted = [ChoiceChange("1", "2", {"vi": "Một"}), ChoiceChange("2", "1", {"vi": "Hai"})]
    options = question(choices.set_options(draft(), code, wanted), code)["options"]
    assert [(o["code"], o["label"]["vi"]) for o in options] == [("2", "Một"), ("1", "Hai")]
    same = [ChoiceChange("1", "x", {}), ChoiceChange("2", "x", {})]
    with pytest.raises(Invalid, match="đã được dùng"):
        choices.set_options(draft(), code, same)


def test_a_weight_follows_its_renamed_factor() -> None:
    document = choices.set_scoring(draft(), {"roll_up": "weighted", "weights": {"tiep_can": 2.0}})
    assert codes.rename_section(document, "tiep_can", "moi")["scoring"]["weights"] == {"moi": 2.0}


def test_what_is_removed_leaves_no_condition_behind() -> None:
    code = "khac.vi_sao_chua_hai"
    without = parts.remove_question(draft(), "tiep_can.bien_hieu_de_thay")
    assert "ask_when" not in question(without, code)
    fewer = choices.remove_level(draft(), "satisfaction", "1")
    assert question(fewer, code)["ask_when"][0]["is"] == ["2"]


def test_the_copy_of_a_section_asks_about_its_own_questions() -> None:
    document, code = parts.duplicate_section(draft(), "khac")
    assert code == "khac_2"
    document = choices.add_condition(document, "khac.vi_sao_chua_hai_2", "khac.vi_sao_chua_hai")
    document, code = parts.duplicate_section(document, "khac_2")
    copy = document["sections"][-1]["questions"][0]
    assert copy["code"] == "khac.vi_sao_chua_hai_2_2"
    assert [c["question"] for c in copy["ask_when"]] == [
        "tiep_can.bien_hieu_de_thay",
        "khac.vi_sao_chua_hai",
    ]


def test_a_question_moves_over_the_border_of_its_section() -> None:
    document = parts.shift_question(draft(), "khac.vi_sao_chua_hai", -1)
    assert [len(s.get("questions", [])) for s in document["sections"]] == [3, 0]
    assert parts.shift_question(document, "tiep_can.bien_hieu_de_thay", -1) == document


def test_another_kind_drops_what_it_does_not_have() -> None:
    document = parts.set_question(draft(), "tiep_can.du_cho_ngoi", {"kind": "multiple"})
    changed = question(document, "tiep_can.du_cho_ngoi")
    assert "scale" not in changed
    assert [option["code"] for option in changed["options"]] == ["1", "2"]


def test_a_borrowed_question_brings_its_scale_and_keeps_its_code() -> None:
    lender = read_document(SIPAS)
    document, code = borrow_question(draft(), "tiep_can", lender, "access.signage")
    assert code == "access.signage"
    assert question(document, code)["scale"] == "satisfaction"  # says the same in Vietnamese
    assert question(document, code)["text"] == {"vi": "Biển hiệu, chỉ dẫn dễ thấy, dễ tìm"}
    own = choices.remove_level(draft(), "satisfaction", "3")
    document, code = borrow_question(own, "tiep_can", lender, "access.signage")
    assert question(document, code)["scale"] == "satisfaction_2"
    assert find_mistakes(document)[0].place == Place(Part.QUESTION, "khac.vi_sao_chua_hai")


def test_malformed_codes_are_refused_at_once() -> None:
    for code in ("", "Hoa", "có dấu", "a b", "1a", "x" * 65):
        with pytest.raises(Invalid):
            codes.rename_question(draft(), "tiep_can.du_cho_ngoi", code)
    with pytest.raises(Invalid, match="na"):
        codes.check_option_code("na")


# What is unfinished


def test_mistakes_are_told_at_their_places() -> None:
    document = parts.set_question(draft(), "tiep_can.du_cho_ngoi", {"text": {"vi": ""}})
    document = parts.set_section(document, "tiep_can", {"factor": False})
    assert [(str(m.place), m.message[:28]) for m in find_mistakes(document)] == [
        ("question:tiep_can.bien_hieu_de_thay", "Tiêu chí nằm ngoài yếu tố. H"),
        ("question:tiep_can.du_cho_ngoi", "Câu hỏi chưa có câu chữ bằng"),
        ("question:khac.vi_sao_chua_hai", "Có phương án hoặc mức chưa c"),
    ]


def test_a_question_before_its_condition_is_a_mistake() -> None:
    document = parts.place_question(draft(), "khac.vi_sao_chua_hai", "tiep_can", 0)
    assert any("không đứng trước" in m.message for m in find_mistakes(document))
