"""Vietnamese text: one normal form, folding for search, the order of the alphabet, file names."""

import re
import unicodedata

from survey_app.errors import Invalid, Problem

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng; ngang has no mark
_WEIGHT = {letter: chr(0x41 + place) for place, letter in enumerate(_ALPHABET)}
_TONE_WEIGHT = {mark: str(place) for place, mark in enumerate(_TONES, start=2)}
_UNIT = re.compile(r"[0-9]+|[^0-9]", re.DOTALL)
_PLAIN_MARKS = str.maketrans({**dict.fromkeys("‘’ʼʹ´`′", "'"), **dict.fromkeys("‐‑–—", "-")})
_INVISIBLE = {"Cc", "Cf", "Cs"}  # control, format (zero-width, direction), lone surrogates
_LONGEST_STEM = 100
_COUNT = re.compile(r"[0-9]{1,9}|[0-9]{1,3}([. ][0-9]{3}){1,2}")


def decode_utf8(data: bytes) -> str:
    """The text of an uploaded file; raises Invalid, with the line, when it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = "Tệp không phải văn bản UTF-8; hãy lưu lại tệp với bảng mã UTF-8."
        raise Invalid(message, [Problem(message, line=line)]) from error


def read_count(text: str) -> int | None:
    """A whole number as people here write it, "1250", "1.250" or "1 250"; None for anything else,
    and for more than nine digits ("60.5" is no 605)."""
    return int(re.sub(r"[. ]", "", text)) if _COUNT.fullmatch(text) else None


def nfc(text: str) -> str:
    """Text in the composed form, the only one that is stored and compared."""
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """One line as typed or pasted by somebody: NFC, no invisible characters, single spaces."""
    visible = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in _INVISIBLE
    )
    return " ".join(nfc(visible).split())


def fold(text: str) -> str:
    """The search key of a text: no marks, đ as d, lower case, single spaces.

    Texts that differ only by the place of a tone (hoà, hòa) or by the kind of apostrophe
    or dash (M'Drắk, M’Drắk) fold to the same key.
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_PLAIN_MARKS).lower())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.replace("đ", "d").split())


def sort_key(text: str) -> bytes:
    """A key whose byte order is the order of Vietnamese dictionaries.

    Letters decide first (a ă â b c d đ …), then tones (ngang huyền hỏi ngã sắc nặng), then
    case (small before capital). Spaces come before punctuation, digits and letters; numbers
    go by their value. Equal keys mean equal texts.
    """
    text = nfc(text)
    weights = [_weights(unit) for unit in _units(text)]
    levels = ["".join(level) for level in zip(*weights, strict=True)]
    return "\0".join([*levels, text]).encode("utf-8", "surrogatepass")


def file_stem(text: str) -> str:
    """The text as a file name without marks: "Phường Trấn Biên" becomes "PhuongTranBien"."""
    words = (word[0].upper() + word[1:] for word in _ascii_words(text))
    return "".join(words)[:_LONGEST_STEM] or "KhongTen"


def _units(text: str) -> list[str]:
    """The pieces that are compared: a number, or one letter with the marks it carries."""
    units: list[str] = []
    for unit in _UNIT.findall(text):
        if units and unicodedata.combining(unit[0]):
            units[-1] += unit
        else:
            units.append(unit)
    return units


def _weights(unit: str) -> tuple[str, str, str]:
    """The weight of one unit at the three levels: letter, tone, case."""
    if unit[0].isdecimal() and unit.isascii():
        digits = unit.lstrip("0")
        return f"\x10{chr(0x20 + len(digits))}{digits}", "1", "1"
    decomposed = unicodedata.normalize("NFD", unit)
    base, marks = decomposed[0], decomposed[1:]
    letter = base.lower()
    shape = next((mark for mark in marks if nfc(letter + mark) in _WEIGHT), "")
    tones = [_TONE_WEIGHT.get(mark, f"7{mark}") for mark in marks if mark != shape]
    case = "1" if base == letter else "2"
    return _letter_weight(nfc(letter + shape)), "".join(tones) or "1", case


def _letter_weight(letter: str) -> str:
    if letter.isspace():
        return "\x01"
    if letter in _WEIGHT:
        return _WEIGHT[letter]
    return f"\x7f{letter}" if letter.isalnum() else f"\x02{letter}"


def _ascii_words(text: str) -> list[str]:
    """The words of a text in plain ASCII letters and digits; case is kept."""
    decomposed = unicodedata.normalize("NFD", text.translate({ord("đ"): "d", ord("Đ"): "D"}))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.findall(r"[A-Za-z0-9]+", bare)
