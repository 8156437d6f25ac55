"""Advice while writing: hints where something is odd, silence where all is well."""

import re
from pathlib import Path

import pytest

from survey_app.questionnaire.advice import (
    Advice,
    PublishedQuestion,
    advise,
    joined_words,
    leading_words,
)
from survey_app.questionnaire.duration import ANSWERING, READING_SPEED, estimate_seconds
from survey_app.questionnaire.editing import choices, parts
from survey_app.questionnaire.editing.document import Document, new_document, read_document

TOPICS = {
    "double-barrelled": "hỏi hai việc trong một câu",
    "leading": "gợi ý câu trả lời",
    "scale": "[Tt]hang đo|Thang chỉ|Mọi mức",
    "unreachable": "Không ai được hỏi câu này",
    "too long": "Trả lời hết ước mất",
    "other meaning": "là câu khác",
    "not translated": "chưa có bản dịch",
}
SIPAS = Path(__file__).parents[3] / "questionnaires" / "sipas-counter.yaml"


def draft(*texts: str) -> Document:
    document, code = parts.add_section(new_document("thu", "Thử"), "Yếu tố", is_factor=True)
    for text in texts:
        document, _ = parts.add_question(document, code, text)
    return document


def topic_of(hint: Advice) -> str:
    """What a hint is about, by the words that only such hints have."""
    (topic,) = (topic for topic, words in TOPICS.items() if re.search(words, hint.message))
    return topic


def topics(document: Document, *published: PublishedQuestion) -> list[str]:
    return [topic_of(hint) for hint in advise(document, published)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Công chức lịch sự và am hiểu", "và"),
        ("Phòng chờ sạch cũng như đủ ghế", "cũng như"),
        ("Hướng dẫn nhanh hoặc dễ hiểu", "hoặc"),
        ("Nơi tiếp nhận và trả kết quả dễ tìm", None),
        ("Người dân và doanh nghiệp được đối xử như nhau", None),
        ("Phí và lệ phí thu đúng mức", None),
        ("Chỗ ngồi (ghế và bàn) đầy đủ", None),
        ("Thái độ của công chức", None),
        ("Khoảng vàng trên sàn dễ thấy", None),  # "và" only inside a word
    ],
)
def test_two_things_in_one_question(text: str, word: str | None) -> None:
    assert joined_words(text) == word


def test_leading_words() -> None:
    assert leading_words("Ông/bà có hài lòng không?") == "có hài lòng không"
    assert leading_words("Ông/bà hài lòng ở mức nào?") is None


def test_the_shipped_questionnaire_gets_one_hint_only() -> None:
    hints = advise(read_document(SIPAS.read_text(encoding="utf-8")))
    assert [(topic_of(hint), hint.place.code) for hint in hints] == [
        ("double-barrelled", "feedback.handling")
    ]


def test_a_code_with_another_meaning() -> None:
    document = draft("Biển hiệu dễ thấy")
    code = document["sections"][0]["questions"][0]["code"]
    same = PublishedQuestion(code, "cu@1", "Biển hiệu rất dễ thấy")
    other = PublishedQuestion(code, "cu@2", "Lệ phí được thu đúng mức công khai")
    assert topics(document, same) == []
    assert topics(document, other) == ["other meaning"]


def test_conditions_that_nobody_meets() -> None:
    document = draft("Một", "Hai", "Ba")
    first, second, third = (q["code"] for q in document["sections"][0]["questions"])
    for place, options in enumerate((["1"], ["2"])):
        document = choices.add_condition(document, second, first)
        document = choices.set_condition(document, second, place, options, negated=False)
    document = choices.add_condition(document, third, second)
    document = choices.set_condition(document, third, 0, ["1"], negated=False)
    assert topics(document) == ["unreachable", "unreachable"]
    document = choices.set_condition(document, second, 1, ["2"], negated=True)
    assert topics(document) == []


def test_scales_that_say_too_little() -> None:
    document = draft("Một")
    for level in ("2", "3"):
        document = choices.remove_level(document, "satisfaction", level)
    assert "3 mức" in advise(document)[0].message
    document, _ = choices.add_scale(draft("Một"), "Mới")
    assert topics(document) == ["scale"] * 2  # no words at the ends, no question


def test_missing_translations_are_told_once_per_language() -> None:
    document = choices.add_language(choices.add_language(draft("Một"), "en"), "zh")
    hints = [hint for hint in advise(document) if topic_of(hint) == "not translated"]
    assert [hint.language for hint in hints] == ["en", "zh"]
    assert all(hint.message.startswith("Còn 9 chỗ") for hint in hints)


def test_the_time_is_the_sum_of_its_parts() -> None:
    document = draft("ba tiếng một")
    labels = document["scales"]["satisfaction"]["levels"]
    read_once = sum(len(level["label"]["vi"].split()) for level in labels) + len(
        ["Không", "áp", "dụng"]
    )
    syllables = 3 + read_once
    assert estimate_seconds(document) == pytest.approx(
        syllables / READING_SPEED + ANSWERING["scale"]
    )
    more = parts.duplicate_question(document, "yeu_to.ba_tieng_mot")[0]
    assert estimate_seconds(more) - estimate_seconds(document) == pytest.approx(
        3 / READING_SPEED + ANSWERING["scale"]
    )


def test_too_long_for_the_counter() -> None:
    document = draft(*(f"Tiêu chí số {number} về sự phục vụ của cơ quan" for number in range(80)))
    assert topics(document) == ["too long"]
