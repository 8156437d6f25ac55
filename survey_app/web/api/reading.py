"""Reads the body of a request strictly: everything unclear is refused, with every mistake."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from survey_app.errors import Invalid, Problem
from survey_app.operations.fieldwork.collection_points import Mode
from survey_app.operations.intake.envelope import (
    check_answers,
    check_identifier,
    check_seconds,
    check_word,
    decode_json,
)
from survey_app.operations.intake.submission import Sheet
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE

MODES = tuple(mode.value for mode in Mode)
#: What somebody without a key may say. Of devices and of keyed paper only the office tells, so
#: these words stand for the collection point's own mode, as no word does.
OWN_MODES = frozenset({Mode.PHONE, Mode.INTERVIEW, Mode.API})
BODY = "body"  # the place of mistakes that lie in no known field
FIELDS = ("link", "version", "language", "mode", "answers", "seconds", "proof")
LARGEST_BODY = 64 * 1024  # bytes


def read_sheet(identifier: str, body: bytes) -> tuple[Sheet, str]:
    """The sheet in a request, and the proof that came with it, which may be empty. Raises Invalid
    with every mistake of the envelope."""
    document = read_object(body)
    problems = [
        Problem(f"Không có trường “{name[:40]}”.", BODY) for name in document if name not in FIELDS
    ]
    if sentence := check_identifier(identifier):
        problems.append(Problem(sentence, "id"))
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
        document = decode_json(body)
        if not isinstance(document, dict):
            raise Invalid("Nội dung gửi lên phải là một đối tượng JSON.")
    except Invalid as mistake:
        raise Invalid(mistake.message, [Problem(mistake.message, BODY)]) from mistake
    return document


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


def _check_mode(value: object) -> str:
    if isinstance(value, str) and value in MODES:
        return ""
    return f"Hình thức trả lời phải là một trong: {', '.join(MODES)}."


_CHECKS: dict[str, Callable[[object], str]] = {
    "link": check_word,
    "version": check_word,
    "language": check_word,
    "mode": _check_mode,
    "answers": check_answers,
    "seconds": check_seconds,
    "proof": check_word,
}
