"""Reads one answer as it was given (any JSON value) for one question."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from survey_app.questionnaire.definition import NOT_APPLICABLE, Question, QuestionKind
from survey_app.questionnaire.routing import Answer

LOWEST_NUMBER, HIGHEST_NUMBER = 0, 65_000
LONGEST_TEXT = 2_000  # characters, where the question sets no limit

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_LONGEST_CODE = 64  # characters of an unknown code that are repeated to its sender


#: Controls, format characters (zero-width, direction), lone surrogates.
_UNSEEN = ("Cc", "Cf", "Cs")


#: Kinds whose answer is one code.
_ONE_CHOICE = (QuestionKind.SCALE, QuestionKind.SINGLE)


@dataclass(frozen=True)
class Mistake:
    """What is wrong with one answer: a key of ``sentences`` and the values it names."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def read_answer(question: Question, given: object) -> Answer | Mistake | None:
    """The answer, what is wrong with it, or None when the question was skipped."""
    if given is None or given == []:
        return None
    if isinstance(given, str):
        if given in question.choice_codes and question.kind in _ONE_CHOICE:
            return given  # as nearly every answer is
        if not _is_seen(given):
            return None
    return _READERS[question.kind](question, given)


def _as_code(given: object) -> str | None:
    """Option codes come as strings; programs may send the code 5 as a number."""
    if isinstance(given, str):
        return given.strip()
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given) if abs(given) < 10**15 else "…"
    return None


def _check_code(question: Question, code: str) -> Mistake | None:
    if code == NOT_APPLICABLE:
        return None if question.not_applicable else Mistake("no_not_applicable")
    if code in question.choice_codes:
        return None
    return Mistake("unknown_option", {"code": visible(code)[:_LONGEST_CODE]})


def _read_choice(question: Question, given: object) -> Answer | Mistake | None:
    code = _as_code(given)
    if code is None:
        return Mistake("form_choice")
    return _check_code(question, code) or code


def _read_multiple(question: Question, given: object) -> Answer | Mistake | None:
    items = list(given) if isinstance(given, list | tuple) else [given]
    read = [_as_code(item) for item in items if item is not None]
    codes = [code for code in read if code]
    if None in read:
        return Mistake("form_multiple")
    if not codes:
        return None
    return _check_choices(question, codes) or _in_order(question, codes)


def _check_choices(question: Question, codes: list[str]) -> Mistake | None:
    seen: set[str] = set()
    for code in codes:
        if mistake := _check_code(question, code):
            return mistake
        if code in seen:
            return Mistake("repeated_option", {"code": code})
        seen.add(code)
    if NOT_APPLICABLE in seen and len(seen) > 1:
        return Mistake("mixed_not_applicable")
    most = question.max_choices
    if most is not None and len(seen) > most:
        return Mistake("too_many", {"count": len(seen), "most": most})
    return None


def _in_order(question: Question, codes: list[str]) -> Answer:
    if codes == [NOT_APPLICABLE]:
        return NOT_APPLICABLE
    return tuple(option.code for option in question.options if option.code in codes)


def _read_number(question: Question, given: object) -> Answer | Mistake | None:
    if isinstance(given, str) and given.strip() == NOT_APPLICABLE:
        return NOT_APPLICABLE if question.not_applicable else Mistake("no_not_applicable")
    number = _as_number(given)
    if number is None:
        return Mistake("form_number")
    low, high = _bounds(question)
    if low <= number <= high:
        return str(number)
    return Mistake("too_small" if number < low else "too_large", {"low": low, "high": high})


def _as_number(given: object) -> int | None:
    if isinstance(given, str):
        return int(given) if _WHOLE_NUMBER.fullmatch(given.strip()) else None
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _bounds(question: Question) -> tuple[int, int]:
    low = LOWEST_NUMBER if question.minimum is None else question.minimum
    high = HIGHEST_NUMBER if question.maximum is None else question.maximum
    return low, high


def _read_text(question: Question, given: object) -> Answer | Mistake | None:
    if not isinstance(given, str):
        return Mistake("form_text")
    text = visible(given)
    most = question.max_length or LONGEST_TEXT
    if len(text) > most:
        return Mistake("too_long", {"over": len(text) - most, "most": most})
    return text or None


def _is_seen(text: str) -> bool:
    """Whether there is anything to see: a lone zero-width character is no answer."""
    return any(not c.isspace() and unicodedata.category(c) not in _UNSEEN for c in text)


def visible(text: str) -> str:
    """``text`` in NFC, trimmed, without controls (line ends aside) and lone surrogates."""
    text = re.sub(r"\r\n?", "\n", text).replace("\t", " ")
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


_READERS: Mapping[QuestionKind, Callable[[Question, object], Answer | Mistake | None]] = {
    QuestionKind.SCALE: _read_choice,
    QuestionKind.SINGLE: _read_choice,
    QuestionKind.MULTIPLE: _read_multiple,
    QuestionKind.NUMBER: _read_number,
    QuestionKind.TEXT: _read_text,
}
