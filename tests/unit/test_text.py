"""Vietnamese text: normal form, folding, order, file names."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.administrative_data import read_communes
from survey_app.text import clean_line, file_stem, fold, nfc, read_count, sort_key

VIETNAMESE = st.text(
    alphabet="aàảãáạăằâầbcdđeêghiklmnoôơpqrstuưvxyÀĐÊỞỰ 'fjwz0129-.\u0301\u0323", max_size=20
)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_nfc_composes() -> None:
    assert nfc(nfd("Phường Trấn Biên")) == "Phường Trấn Biên"


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("0", 0),
        ("1250", 1250),
        ("1.250", 1250),
        ("12 500 000", 12_500_000),
        *[(typed, None) for typed in ("", "60.5", "1.25", "-1", "1,5", "٣", "1.2500", "1" * 10)],
    ],
)
def test_read_count(typed: str, count: int | None) -> None:
    assert read_count(typed) == count


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Phường \t Trấn\nBiên ", "Phường Trấn Biên"),
        (nfd("Đặc khu"), "Đặc khu"),
        ("a\u200bb\x00c\ufeff", "abc"),
        ("a \u200b b", "a b"),
        ("Hà\u00a0Nội", "Hà Nội"),
        ("trái\u202ephải", "tráiphải"),
        ("e\u200d\u0302", "ê"),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_clean_line(typed: str, cleaned: str) -> None:
    assert clean_line(typed) == cleaned


@given(st.text())
def test_clean_line_leaves_nothing_to_clean(text: str) -> None:
    cleaned = clean_line(text)
    assert clean_line(cleaned) == cleaned == nfc(cleaned)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in cleaned)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đồng Nai", "dong nai"),
        ("ĐẮK LẮK", "dak lak"),
        ("  Thừa   Thiên ", "thua thien"),
        ("M’Drắk", "m'drak"),
        ("Chân Mây – Lăng Cô", "chan may - lang co"),
        ("Ở Ự ỹ", "o u y"),
    ],
)
def test_fold(text: str, key: str) -> None:
    assert fold(text) == key


def test_fold_forgives_the_place_of_the_tone() -> None:
    assert fold("Hoà Thuỷ") == fold("Hòa Thủy")


@given(st.text())
def test_fold_is_stable(text: str) -> None:
    assert fold(nfd(text)) == fold(nfc(text)) == fold(text)


@given(VIETNAMESE)
def test_fold_is_plain_for_vietnamese(text: str) -> None:
    assert fold(text).isascii()
    assert fold(fold(text)) == fold(text) == fold(text.upper())


@pytest.mark.parametrize(
    "ordered",
    [
        "a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y",
        "a à ả ã á ạ ă ằ ẳ ẵ ắ ặ â ầ ẩ ẫ ấ ậ b",
        "ma mà mả mã má mạ mă me",
        "Dung Dũng Dương Đông Đồng Đức",
        "An anh Anh Ảnh ánh Ánh Ào ảo Ão Áo Ạo Ăn Ân",
        "Le Lê Lề Lễ Lệ",
        "da dà đa đà đá e",
        "b-c b.c b2 b12 bc",
        "e ĕ ê f n ñ ng w y Y z",
    ],
)
def test_sort_key_follows_the_dictionary(ordered: str) -> None:
    words = ordered.split()
    shuffled = random.Random(7).sample(words, len(words))
    assert sorted(shuffled, key=sort_key) == words


def test_letters_of_the_whole_text_come_before_tones() -> None:
    names = ["Hà Nội", "Hạ Long", "Ha Tiên", "Hà Giang", "Hải Dương", "Hòa Bình"]
    assert sorted(names, key=sort_key) == [
        "Hà Giang",
        "Hạ Long",
        "Hà Nội",
        "Ha Tiên",
        "Hải Dương",
        "Hòa Bình",
    ]


def test_numbers_go_by_their_value() -> None:
    names = ["Phường 10", "Phường 2", "Phường 1 Bảo Lộc", "Phường 1", "Phường An"]
    assert sorted(names, key=sort_key) == [
        "Phường 1",
        "Phường 1 Bảo Lộc",
        "Phường 2",
        "Phường 10",
        "Phường An",
    ]


def test_communes_are_ordered_by_letters_then_tones() -> None:
    """Leaving the tones out must not change the order of names that differ without them."""
    names = [c.name for c in read_communes() if not any(char.isdigit() for char in c.name)]
    names.sort(key=sort_key)
    toneless = [_without_tones(name) for name in names]
    assert toneless == sorted(toneless, key=sort_key)
    assert len(names) > 3_200


@given(VIETNAMESE, VIETNAMESE)
def test_equal_keys_mean_equal_texts(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (nfc(one) == nfc(other))


@given(st.text())
def test_sort_key_takes_any_text_in_any_form(text: str) -> None:
    assert sort_key(nfd(text)) == sort_key(text)


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Phường Trấn Biên", "PhuongTranBien"),
        ("Sở Nội vụ (tỉnh Đồng Nai)", "SoNoiVuTinhDongNai"),
        ("UBND xã M’Drắk", "UBNDXaMDrak"),
        ("../../etc/passwd", "EtcPasswd"),
        ("Quý 2/2026", "Quy22026"),
        ("???", "KhongTen"),
    ],
)
def test_names_for_files(text: str, stem: str) -> None:
    assert file_stem(text) == stem


@given(st.text())
def test_file_stem_is_always_a_safe_name(text: str) -> None:
    stem = file_stem(text)
    assert stem.isascii()
    assert stem.isalnum()
    assert len(stem) <= 100


def _without_tones(text: str) -> str:
    tones = "\u0300\u0309\u0303\u0301\u0323"
    return nfc("".join(char for char in nfd(text) if char not in tones))
