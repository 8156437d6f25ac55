"""Reads a request for invitations strictly: every mistake is told, with its place."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_app.errors import Invalid, Problem
from survey_app.operations.intake.envelope import check_word
from survey_app.operations.invitations.invitations import MOST_INVITATIONS, Order
from survey_app.web.api.reading import BODY, read_object

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_REFERENCE = 200  # characters
#: Squares are drawn while the caller waits, and others with it.
MOST_SQUARES = 100
SQUARES = ("svg", "png")

_REQUIRED = ("survey", "unit", "invitations")
_REQUEST_NAME = re.compile(r"[\x21-\x7e]{8,200}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Wanted:
    """A request as it was sent; ``references`` are echoed and never kept."""

    request_name: str
    order: Order
    references: tuple[str, ...]
    square: str | None


def read_invitations(request_name: str | None, body: bytes) -> Wanted:
    """The request in header and body. Raises Invalid with every mistake."""
    document = read_object(body)
    problems = _check_name(request_name)
    problems += [
        Problem(f"Không có trường “{name[:40]}”.", BODY) for name in document if name not in _CHECKS
    ]
    problems += [
        Problem(f"Thiếu trường “{name}”.", name) for name in _REQUIRED if document.get(name) is None
    ]
    for name, check in _CHECKS.items():
        if document.get(name) is not None:
            problems += check(document[name])
    if problems or request_name is None:
        raise Invalid("Yêu cầu tạo mã chưa đúng.", problems)
    references = tuple(item["reference"] for item in document["invitations"])
    square = document.get("qr")
    if square and len(references) > MOST_SQUARES:
        message = f"Mỗi yêu cầu có ảnh QR nhiều nhất {MOST_SQUARES} mã."
        raise Invalid(message, [Problem(message, "qr")])
    return Wanted(request_name, _order(document), references, square)


def _order(document: dict[str, Any]) -> Order:
    day = document.get("expires_on")
    return Order(
        survey=document["survey"],
        unit=document["unit"],
        count=len(document["invitations"]),
        content=json.dumps(document, sort_keys=True).encode(),
        point=document.get("point"),
        expires_on=date.fromisoformat(day) if day else None,
    )


def _check_name(name: str | None) -> list[Problem]:
    if name is not None and _REQUEST_NAME.fullmatch(name):
        return []
    message = "Cần tiêu đề Idempotency-Key, từ 8 đến 200 ký tự ASCII không có khoảng trắng."
    return [Problem(message, IDEMPOTENCY_KEY)]


def _word(name: str) -> Callable[[object], list[Problem]]:
    def check(value: object) -> list[Problem]:
        sentence = check_word(value)
        return [Problem(sentence, name)] if sentence else []

    return check


def _check_day(value: object) -> list[Problem]:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            date.fromisoformat(value)
            return []
    except ValueError:
        pass
    return [Problem("Ngày phải có dạng 2026-12-31.", "expires_on")]


def _check_square(value: object) -> list[Problem]:
    if isinstance(value, str) and value in SQUARES:
        return []
    return [Problem(f"Dạng ảnh QR phải là một trong: {', '.join(SQUARES)}.", "qr")]


def _check_items(value: object) -> list[Problem]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_INVITATIONS:
        message = f"Danh sách phải có từ 1 đến {MOST_INVITATIONS} mục."
        return [Problem(message, "invitations")]
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for place, item in enumerate(value):
        sentence = _check_item(item)
        if not sentence:
            earlier = first.setdefault(item["reference"], place)
            sentence = f"Trùng với mục {earlier}." if earlier < place else ""
        if sentence:
            problems.append(Problem(sentence, f"invitations[{place}]"))
    return problems


def _check_item(item: object) -> str:
    if not isinstance(item, dict) or set(item) != {"reference"}:
        return "Mỗi mục là một đối tượng có đúng một trường “reference”."
    reference = item["reference"]
    sentence = check_word(reference)
    if not sentence and len(reference) > LONGEST_REFERENCE:
        return f"Trường “reference” dài nhất {LONGEST_REFERENCE} ký tự."
    return sentence


_CHECKS: dict[str, Callable[[object], list[Problem]]] = {
    "survey": _word("survey"),
    "unit": _word("unit"),
    "point": _word("point"),
    "expires_on": _check_day,
    "qr": _check_square,
    "invitations": _check_items,
}
