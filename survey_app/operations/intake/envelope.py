"""The envelope of a sheet, read strictly wherever it comes from: JSON, identifiers, short words.

A check returns what is wrong with a value, as a sentence, or "" when nothing is.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any
from uuid import UUID

from survey_app.errors import Invalid
from survey_app.operations.intake.submission import Sheet
from survey_app.storage.models import Mode

LONGEST_WORD = 300  # characters of a link, a version, a language, a proof

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def decode_json(body: bytes) -> Any:
    """What the JSON of a body says. Raises Invalid for anything else, or anything unclear in it:
    a field written twice, NaN."""
    try:
        return _DECODER.decode(body.decode())
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, too deep, too long
        raise Invalid("Nội dung gửi lên không phải JSON hợp lệ.") from error


def check_identifier(value: object) -> str:
    is_uuid = isinstance(value, str) and _UUID.fullmatch(value)
    return "" if is_uuid else "Mã phiếu phải là một UUID."


def check_word(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_WORD:
        return "Trường này phải là một chuỗi ngắn."
    return "Trường này có ký tự không hợp lệ." if _NOT_TEXT.search(value) else ""


def check_seconds(value: object) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return "" if is_whole else "Thời gian trả lời phải là một số nguyên (giây)."


def check_answers(value: object) -> str:
    if not isinstance(value, dict):
        return _check_object(value)
    words = list(value)
    for answer in value.values():
        words += [answer] if isinstance(answer, str) else _words(answer)
    return "Câu trả lời có ký tự không hợp lệ." if _NOT_TEXT.search("".join(words)) else ""


def read_kiosk_sheet(item: object) -> Sheet:
    """One sheet as a kiosk holds it, in a file or sent by the kiosk itself. Raises Invalid."""
    if not isinstance(item, dict):
        raise Invalid("Phiếu không đúng cấu trúc.")
    return Sheet(
        UUID(_checked(item, "id", check_identifier)),
        _checked(item, "link", check_word),
        _checked(item, "answers", _check_object),
        version=_checked(item, "version", check_word),
        language=_checked(item, "language", check_word),
        mode=Mode.KIOSK,
        seconds=None if item.get("seconds") is None else _checked(item, "seconds", check_seconds),
        is_partial=_checked({"is_partial": False} | item, "is_partial", _check_flag),
        answered_at=_moment(item.get("answered_at")),
    )


def _checked(item: Mapping[str, Any], name: str, check: Callable[[object], str]) -> Any:
    value = item.get(name)
    sentence = check(value)
    if sentence:
        raise Invalid(f"Trường “{name}”: {sentence}")
    return value


def _check_object(value: object) -> str:
    """Of a kiosk's sheet no more is asked here: its answers are judged with the questionnaire, so
    that one sheet is refused and not the file."""
    is_object = isinstance(value, dict)
    return "" if is_object else "Các câu trả lời phải là một đối tượng: mã câu hỏi → câu trả lời."


def _check_flag(value: object) -> str:
    return "" if isinstance(value, bool) else "Trường này phải là true hoặc false."


def _moment(text: object) -> datetime | None:
    """When a sheet was answered, by the clock of the device; None where that cannot be so."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid("Thời điểm trả lời không đọc được.")
    # Beside the ends of the calendar no other zone's hour can be reckoned.
    return moment if MINYEAR < moment.year < MAXYEAR else None


def _words(answer: object) -> list[str]:
    return [item for item in answer if isinstance(item, str)] if isinstance(answer, list) else []


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Invalid("Một trường được ghi hai lần trong nội dung gửi lên.")
    return found


def _no_number(name: str) -> None:
    raise Invalid(f"{name} không phải một số.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)
