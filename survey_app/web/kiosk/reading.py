"""Reads what a kiosk sends. Each sheet is read by itself: one that is wrong holds no other up."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request

from survey_app.errors import Forbidden, Invalid
from survey_app.i18n import DEFAULT_LANGUAGE, frame_language
from survey_app.operations.listing import Mode
from survey_app.operations.submission import Sheet

MOST_SHEETS = 50
LARGEST_BODY = 4 * 1024 * 1024
LONGEST_WORD = 300

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def require_own_page() -> None:
    """Raises Forbidden unless a script of this very site sends JSON: no form, no other site."""
    origin = request.headers.get("Origin")
    is_own = origin is None or origin.rstrip("/") == request.host_url.rstrip("/")
    if not is_own or not request.is_json:
        raise Forbidden("Yêu cầu không đến từ màn hình của thiết bị.")


def read_json() -> Any:
    """The body of a request; raises Invalid when it is no JSON."""
    request.max_content_length = LARGEST_BODY
    try:
        return json.loads(request.get_data(cache=False).decode())
    except (ValueError, RecursionError) as error:
        raise Invalid("Nội dung gửi lên không phải JSON hợp lệ.") from error


def read_object() -> Mapping[str, Any]:
    """The same, where the body must be an object."""
    found = read_json()
    if not isinstance(found, dict):
        raise Invalid("Nội dung gửi lên phải là một đối tượng JSON.")
    return found


def read_batch() -> list[Any]:
    """The sheets of a request, not looked at yet."""
    found = read_json()
    if not isinstance(found, list) or len(found) > MOST_SHEETS:
        raise Invalid(f"Mỗi lần gửi một danh sách nhiều nhất {MOST_SHEETS} phiếu.")
    return found


def identifier_of(item: object) -> str | None:
    """What the sender calls a sheet, whatever is wrong with it otherwise."""
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) else None


def language_of(item: object) -> str:
    """The language its citizen read, for what has to be said of it."""
    return spoken(item.get("language") if isinstance(item, dict) else None)


def spoken(language: object) -> str:
    """This language, or Vietnamese where the interface does not speak it."""
    return frame_language(language) if isinstance(language, str) else DEFAULT_LANGUAGE


def read_sheet(item: object) -> Sheet:
    """One sheet as a kiosk holds it. Raises Invalid."""
    if not isinstance(item, dict):
        raise Invalid("Phiếu phải là một đối tượng JSON.")
    return Sheet(
        _identifier(item),
        _word(item, "link"),
        _answers(item),
        version=_word(item, "version"),
        language=_word(item, "language"),
        mode=Mode.KIOSK,
        seconds=_seconds(item),
        is_partial=item.get("is_partial") is True,
        answered_at=_moment(item),
    )


def _identifier(item: Mapping[str, Any]) -> UUID:
    text = item.get("id")
    if not isinstance(text, str) or not _UUID.fullmatch(text):
        raise Invalid("Mã phiếu phải là một UUID.")
    return UUID(text)


def _word(item: Mapping[str, Any], name: str) -> str:
    text = item.get(name)
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_WORD:
        raise Invalid(f"Trường “{name}” phải là một chuỗi ngắn.")
    if _NOT_TEXT.search(text):
        raise Invalid(f"Trường “{name}” có ký tự không hợp lệ.")
    return text


def _answers(item: Mapping[str, Any]) -> dict[str, object]:
    found = item.get("answers")
    if not isinstance(found, dict):
        raise Invalid("Các câu trả lời phải là một đối tượng: mã câu hỏi → câu trả lời.")
    words = [*found]
    for answer in found.values():
        words += [word for word in _items(answer) if isinstance(word, str)]
    if any(_NOT_TEXT.search(word) for word in words):
        raise Invalid("Câu trả lời có ký tự không hợp lệ.")
    return found


def _items(answer: object) -> list[object]:
    return answer if isinstance(answer, list) else [answer]


def _seconds(item: Mapping[str, Any]) -> int | None:
    found = item.get("seconds")
    if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
        raise Invalid("Thời gian trả lời phải là một số nguyên (giây).")
    return found


def _moment(item: Mapping[str, Any]) -> datetime | None:
    """When it was answered, by the device's clock; None where that cannot be read."""
    text = item.get("answered_at")
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
