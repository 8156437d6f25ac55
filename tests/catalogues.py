"""The catalogues of sentences, looked into: what they hold, and what was not translated."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.extract import extract_from_file

from survey_app import i18n

_EXTRACTORS = {".py": "python", ".html": "jinja2.ext:babel_extract"}
_KEYWORDS = {"_": None, "translate": None, "say": None}


def sentences_of(language: str) -> Mapping[str, str]:
    """Vietnamese sentence → sentence in the language; empty for Vietnamese itself."""
    return i18n._catalogue(language).sentences


def forget_catalogues() -> None:
    """Read the catalogues again at the next use."""
    for known in vars(i18n).values():
        if hasattr(known, "cache_clear"):
            known.cache_clear()


def untranslated(paths: Iterable[Path], language: str = "en") -> list[str]:
    """Sentences without a translation in the given files and folders, as "file:line: sentence".

    Looked for are the calls ``_("…")``, ``translate("…")`` and ``say("…")`` in templates and code.
    """
    known = sentences_of(language)
    return [
        f"{file}:{line}: {msgid}"
        for file in _sources(paths)
        for line, msgid in _sentences(file)
        if msgid not in known
    ]


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
