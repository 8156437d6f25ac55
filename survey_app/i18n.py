"""The languages of the interface: a catalogue of sentences; how numbers and days are written."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = "vi"
CATALOGUES = Path(__file__).parent / "translations"

#: What stands for "," between thousands and "." before decimals.
_SEPARATORS = {"vi": str.maketrans(",.", ".,"), "en": {}}

_EXTRACTORS = {".py": "python", ".html": "jinja2.ext:babel_extract"}
_KEYWORDS = {"_": None, "translate": None}


def translate(msgid: str, language: str = DEFAULT_LANGUAGE, **placeholders: object) -> str:
    """The sentence in a language, with every ``{name}`` filled in.

    The msgid is the Vietnamese sentence itself; it also stands in for a missing translation.
    """
    sentence = _catalogue(language).get(msgid, msgid)
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
    return f"{rounded + 0:,f}".translate(_SEPARATORS[language])  # + 0: no "-0"


def untranslated(paths: Iterable[Path], language: str = "en") -> list[str]:
    """Sentences without a translation in the given files and folders, as "file:line: sentence".

    Looked for are the calls ``_("…")`` and ``translate("…")`` in templates and in Python code.
    """
    known = _catalogue(language)
    return [
        f"{file}:{line}: {msgid}"
        for file in _sources(paths)
        for line, msgid in _sentences(file)
        if msgid not in known
    ]


@cache
def _catalogue(language: str) -> dict[str, str]:
    """Vietnamese sentence → sentence in the language; empty for Vietnamese itself."""
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is not a language of the interface")
    if language == DEFAULT_LANGUAGE:
        return {}
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}


def _sources(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.suffix in _EXTRACTORS)


def _sentences(file: Path) -> Iterator[tuple[int, str]]:
    found = extract_from_file(
        _EXTRACTORS[file.suffix], file, keywords=_KEYWORDS, options={"silent": "false"}
    )
    for line, message, _comments, _context in found:
        yield line, message if isinstance(message, str) else message[0]
