"""The languages of the interface: a catalogue of sentences; how numbers and days are written.

A language is a folder of ``translations/``. What it is called and how it writes numbers comes from
Babel, so that nothing else has to be added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

from survey_app.text import fold

DEFAULT_LANGUAGE = "vi"
CATALOGUES = Path(__file__).parent / "translations"

#: The entry of a catalogue that names its language where Babel does not know it.
NAME = "Tên của ngôn ngữ này"


@cache
def interface_languages() -> tuple[str, ...]:
    """The codes of Vietnamese and of every language with a catalogue of sentences."""
    folders = sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po"))
    codes = [folder.parts[-3] for folder in folders]
    spoken = [code for code in codes if _catalogue(code).sentences]
    return (DEFAULT_LANGUAGE, *(code for code in spoken if code != DEFAULT_LANGUAGE))


def frame_language(language: str) -> str:
    """The language of the sentences around a questionnaire in ``language``: the same if there is
    a catalogue, else Vietnamese."""
    return language if language in interface_languages() else DEFAULT_LANGUAGE


@cache
def language_name(code: str) -> str:
    """What its speakers call a language: "Tiếng Việt", "English", "中文".

    Babel knows most. Else the catalogue says it (the entry ``NAME``; it may hold nothing else),
    else it is the Vietnamese name, at last the code.
    """
    name = _catalogue(code).name or _autonym(code) or vietnamese_name(code)
    return name[:1].upper() + name[1:]


def vietnamese_name(code: str) -> str:
    """The name of a language within a Vietnamese sentence: "tiếng Anh"."""
    name = Locale.parse(DEFAULT_LANGUAGE).languages.get(code)
    if name:
        return str(name[:1].lower() + name[1:])
    return _catalogue(code).name or _autonym(code) or code


def language_code(name: str) -> str | None:
    """The code of a language called by its Vietnamese, English or own name, or by the code itself.

    >>> language_code("Vietnamese"), language_code("tiếng Anh"), language_code("?")
    ('vi', 'en', None)
    """
    wanted = fold(name)
    if not wanted or re.fullmatch("[a-z]{2,3}", wanted):
        return wanted or None
    codes = map(str, Locale.parse(DEFAULT_LANGUAGE).languages)
    for code in (*interface_languages(), *(c for c in codes if re.fullmatch("[a-z]{2,3}", c))):
        english = Locale.parse("en").languages.get(code, "")
        if wanted in {fold(vietnamese_name(code)), fold(english), fold(_autonym(code))}:
            return code
    return None


def translate(msgid: str, /, language: str = DEFAULT_LANGUAGE, **placeholders: object) -> str:
    """The sentence in a language, with every ``{name}`` filled in.

    The msgid is the Vietnamese sentence itself; it also stands in for a missing translation.
    """
    if language not in interface_languages():
        raise ValueError(f"{language!r} is not a language of the interface")
    sentence = _catalogue(language).sentences.get(msgid, msgid)
    return sentence.format(**placeholders) if placeholders else sentence


def format_date(day: date) -> str:
    """A day as people here write it, in every language: 05/06/2026."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def format_number(
    value: float | Decimal, decimals: int = 0, language: str = DEFAULT_LANGUAGE
) -> str:
    """A number rounded half up to fixed decimals, with the language's separators: 1.234,5."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    return f"{rounded + 0:,f}".translate(_separators(language))  # + 0: no "-0"


@dataclass(frozen=True)
class _Catalogue:
    """``sentences``: Vietnamese → translation; ``name``: of the language, mostly left to Babel."""

    sentences: Mapping[str, str]
    name: str = ""


@cache
def _catalogue(language: str) -> _Catalogue:
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return _Catalogue({})
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    sentences = {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
    name = sentences.pop(NAME, "")
    return _Catalogue(sentences, name)


def _autonym(code: str) -> str:
    try:
        return Locale.parse(code).get_language_name() or ""
    except (UnknownLocaleError, ValueError):
        return ""


@cache
def _separators(language: str) -> dict[int, str]:
    """What stands for "," between thousands and for "." before decimals."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse(DEFAULT_LANGUAGE)
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale)})
