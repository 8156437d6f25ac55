"""Reads the body of a request strictly: everything unclear is refused, with every mistake."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from survey_app.errors import Invalid, Problem
from survey_app.operations.intake.submission import Sheet
from survey_app.operations.organisation.listing import Mode
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE

MODES = tuple(mode.value for mode in Mode)
#: What somebody without a key may say. Of devices and of keyed paper only the office tells, so
#: these words stand for the collection point's own mode, as no word does.
OWN_MODES = frozenset({Mode.PHONE, Mode.INTERVIEW, Mode.API})
BODY = "body"  # the place of mistakes that lie in no known field
FIELDS = ("link", "version", "language", "mode", "answers", "seconds", "proof")
LARGEST_BODY = 64 * 1024  # bytes
LONGEST_WORD = 300  # characters of a link, a version, a language, a proof

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def read_sheet(identifier: str, body: bytes) -> tuple[Sheet, str]:
    """The sheet in a request, and the proof that came with it, which may be empty. Raises Invalid
    with every mistake of the envelope."""
    document = read_object(body)
    problems = [
        Problem(f"Không có trường “{name[:40]}”.", BODY) for name in document if name not in FIELDS
    ]
    problems += _check_identifier(identifier)
    values = {name: _read(name, document, problems) for name in FIELDS}
    if problems:
        raise Invalid("Phiếu gửi lên chưa đúng.", problems)
    mode = values["mode"]
    sheet = Sheet(
        UUID(identifier),
        values["link"],
        values["answers"],
        version=values["version"],
        language=values["language"] or PRIMARY_LANGUAGE,
        mode=Mode(mode) if mode in OWN_MODES else None,
        seconds=values["seconds"],
    )
    return sheet, values["proof"] or ""


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises Invalid for anything else, or anything unclear in it."""
    try:
        text = body.decode()
        document = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, too deep, too long
        raise _refusal("Nội dung gửi lên không phải JSON hợp lệ.") from error
    if not isinstance(document, dict):
        raise _refusal("Nội dung gửi lên phải là một đối tượng JSON.")
    return document


def _refusal(message: str) -> Invalid:
    return Invalid(message, [Problem(message, BODY)])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _refusal("Một trường được ghi hai lần trong nội dung gửi lên.")
    return found


def _no_number(name: str) -> None:
    raise _refusal(f"{name} không phải một số.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)


def _check_identifier(identifier: str) -> list[Problem]:
    if _UUID.fullmatch(identifier):
        return []
    return [Problem("Mã phiếu trong địa chỉ phải là một UUID.", "id")]


def _read(name: str, document: dict[str, Any], problems: list[Problem]) -> Any:
    value = document.get(name)
    if value is None:
        if name in {"link", "answers"}:
            problems.append(Problem(f"Thiếu trường “{name}”.", name))
        return None
    sentence = _CHECKS[name](value)
    if sentence:
        problems.append(Problem(sentence, name))
        return None
    return value


def check_word(value: object) -> str:
    """What is wrong with a short text, empty if nothing."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_WORD:
        return "Trường này phải là một chuỗi ngắn."
    return "Trường này có ký tự không hợp lệ." if _NOT_TEXT.search(value) else ""


def _check_mode(value: object) -> str:
    if isinstance(value, str) and value in MODES:
        return ""
    return f"Hình thức trả lời phải là một trong: {', '.join(MODES)}."


def _check_seconds(value: object) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return "" if is_whole else "Thời gian trả lời phải là một số nguyên (giây)."


def _check_answers(value: object) -> str:
    if not isinstance(value, dict):
        return "Các câu trả lời phải là một đối tượng: mã câu hỏi → câu trả lời."
    words = [*value, *(word for answer in value.values() for word in _words(answer))]
    if _NOT_TEXT.search("".join(words)):
        return "Câu trả lời có ký tự không hợp lệ."
    return ""


def _words(answer: object) -> list[str]:
    items = answer if isinstance(answer, list) else [answer]
    return [item for item in items if isinstance(item, str)]


_CHECKS: dict[str, Callable[[object], str]] = {
    "link": check_word,
    "version": check_word,
    "language": check_word,
    "mode": _check_mode,
    "answers": _check_answers,
    "seconds": _check_seconds,
    "proof": check_word,
}
