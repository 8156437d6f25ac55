"""What a kiosk sends: JSON, from its own page only."""

from collections.abc import Mapping
from typing import Any

from flask import request

from survey_app.errors import Forbidden, Invalid
from survey_app.i18n import DEFAULT_LANGUAGE, frame_language
from survey_app.operations.intake.envelope import decode_json

MOST_SHEETS = 50
LARGEST_BODY = 4 * 1024 * 1024


def require_own_page() -> None:
    """Raises Forbidden unless a script of this very site sends JSON: no form, no other site."""
    origin = request.headers.get("Origin")
    is_own = origin is None or origin.rstrip("/") == request.host_url.rstrip("/")
    if not is_own or not request.is_json:
        raise Forbidden("Yêu cầu không đến từ màn hình của thiết bị.")


def read_json() -> Any:
    """The body of a request; raises Invalid when it is no JSON, or unclear."""
    request.max_content_length = LARGEST_BODY
    return decode_json(request.get_data(cache=False))


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
