"""Two wordings: what is a slip of the pen, what is another question."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.questionnaire.spelling import (
    Mark,
    is_same_subject,
    is_syllable,
    mark_words,
    say_the_same,
)
from survey_app.text import clean_line
from tests.unit.questionnaire.strategies import words

BEFORE = "Ông/bà có hài lòng với thái độ của công chức khi hòa giải trong 15 ngày không?"


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.upper(),
        BEFORE.replace("?", "."),
        BEFORE.replace("/", " / ").replace(" có ", "   có "),
        BEFORE.replace("hòa", "hoà"),
        unicodedata.normalize("NFD", BEFORE),
        BEFORE.replace("chức", "chưc"),
        BEFORE.replace("thái", "tháii"),
        BEFORE.replace("ngày", "nagỳ"),
    ],
)
def test_slips_of_the_pen_change_nothing(after: str) -> None:
    assert say_the_same(BEFORE, after)
    assert say_the_same(after, BEFORE)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("có hài", "không hài"),
        BEFORE.replace("có hài", "có không hài"),
        BEFORE.replace("15", "5"),
        BEFORE.replace("15", "1.5"),
        BEFORE.replace("15", "-15"),
        BEFORE.replace("15 ngày", "15% ngày"),
        BEFORE.replace("15 ngày", "< 15 ngày"),
        BEFORE.replace("lòng", "long"),  # both are words
        BEFORE.replace("thái", "thải"),
        BEFORE.replace("công chức", "chức công"),
        BEFORE.replace("giải", "giúp"),
        BEFORE.replace(" không?", " khôg?"),  # a negation is never mended unseen
    ],
)
def test_what_may_mean_something_else_is_no_slip(after: str) -> None:
    assert not say_the_same(BEFORE, after)
    assert not say_the_same(after, BEFORE)


def test_every_word_of_our_questionnaires_can_be_a_syllable() -> None:
    """The rule rests on it: a real word taken for an impossible one would be "mended" unseen."""
    text = (
        "tiếp cận dịch vụ biển hiệu chỉ dẫn dễ thấy trang thiết bị phục vụ đầy đủ thủ tục hành "
        "chính niêm yết công khai thành phần hồ sơ đúng quy định phí lệ phí thời hạn giải quyết "
        "lịch sự lắng nghe hướng dẫn tận tình giấy tờ kết quả chính xác phản ánh kiến nghị khuya "
        "quýt nguệch ngoạc khuỷu thuở xoong ngoằn ngoèo giếng gìn nghiêng uyên quần áo rượu hươu "
        "thuyền huýt tuýp quỳnh khuếch trương nghĩa yếu ưu tiên ý kiến y tế uống ước giặc gì"
    )
    assert [word for word in text.split() if not is_syllable(word)] == []


@pytest.mark.parametrize("word", ["chưc", "dich", "kiosk", "nguời", "hoàà", "vnptt", "tât"])
def test_what_cannot_be_a_syllable(word: str) -> None:
    assert not is_syllable(word)


@given(words, words)
def test_marked_words_hold_both_texts(before: str, after: str) -> None:
    pieces = mark_words(before, after)
    for text, mark in ((before, Mark.ADDED), (after, Mark.REMOVED)):
        told = " ".join(piece.text for piece in pieces if piece.mark is not mark)
        assert told == clean_line(text)


@given(words)
def test_a_text_says_the_same_as_itself(text: str) -> None:
    assert say_the_same(text, text)
    assert all(piece.mark is Mark.KEPT for piece in mark_words(text, text))


@given(words, words)
def test_it_does_not_matter_which_came_first(one: str, other: str) -> None:
    assert say_the_same(one, other) == say_the_same(other, one)


@given(st.text("không chưa ", max_size=12), st.text("0123456789", min_size=1, max_size=3))
def test_no_number_comes_or_goes_unseen(text: str, number: str) -> None:
    assert not say_the_same(text, f"{text} {number}")


def test_another_question_shares_few_words() -> None:
    assert is_same_subject("Thái độ của công chức", "Cách công chức tiếp ông/bà")
    assert not is_same_subject("Thái độ của công chức", "Nhà chờ sạch, đủ ghế")
