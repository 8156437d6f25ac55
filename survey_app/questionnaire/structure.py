"""The structure of a questionnaire document: JSON Schema, each mistake a Vietnamese sentence."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from survey_app.questionnaire.findings import Findings, Path

_TYPES = {
    "string": "một đoạn chữ",
    "integer": "một số nguyên (không đặt trong dấu nháy)",
    "number": "một số (không đặt trong dấu nháy)",
    "boolean": "true hoặc false (không đặt trong dấu nháy)",
    "array": "một danh sách (mỗi mục bắt đầu bằng dấu gạch ngang)",
    "object": "các cặp “khóa: giá trị”",
}

_EMPTY = "Mục này để trống. Hãy ghi giá trị hoặc xóa dòng này."
_DOTTED = "chỉ gồm chữ thường không dấu, chữ số và dấu gạch dưới, chia nhóm bằng dấu chấm"
_PATTERNS = {
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "chỉ gồm chữ thường không dấu và chữ số, nối bằng gạch ngang",
    r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$": f"{_DOTTED}, và bắt đầu bằng một chữ",
    r"^[a-z0-9][a-z0-9._-]*$": "chỉ gồm chữ thường không dấu, chữ số, dấu chấm và dấu gạch",
    r"^[a-z]{2,3}$": "gồm hai hoặc ba chữ thường chỉ ngôn ngữ (vi, en…)",
}


@dataclass(frozen=True)
class _Departure:
    """One place where the document departs from the schema."""

    path: Path
    keyword: str
    wanted: Any  # the keyword's value
    found: Any  # the value in the document
    schema: Mapping[str, Any]

    @classmethod
    def from_error(cls, error: Any) -> "_Departure":
        return cls(
            path=tuple(error.absolute_path),
            keyword=str(error.validator),
            wanted=error.validator_value,
            found=error.instance,
            schema=error.schema,
        )


@cache
def schema() -> Mapping[str, Any]:
    """The published JSON Schema of the format."""
    source = files("survey_app.questionnaire").joinpath("questionnaire.schema.json")
    found: Mapping[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return found


#: What a draft may still lack, and which of the required keys it may not.
_COMPLETENESS = {"minItems", "minLength", "contains"}
_ALWAYS_REQUIRED = {"code", "format", "kind", "role", "question", "is", "is_not"}


@cache
def _validator(is_draft: bool) -> Draft202012Validator:
    return Draft202012Validator(_incomplete(schema()) if is_draft else schema())


def check_structure(tree: object, findings: Findings, *, is_draft: bool = False) -> None:
    """Notes in ``findings`` every place where ``tree`` departs from the schema; of a draft, only
    what does not come of its being unfinished."""
    departures = map(_Departure.from_error, _validator(is_draft).iter_errors(tree))
    for departure in sorted(departures, key=_turn):
        if _follows(departure, findings):
            continue
        for path, message in _mistakes(departure, findings):
            findings.add(path, message)
        if departure.keyword == "type" or departure.found is None:
            findings.close(departure.path)


def _incomplete(schema: Any) -> Any:
    """The schema without what only a finished document has."""
    if isinstance(schema, list):
        return [_incomplete(entry) for entry in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: _incomplete(value) for key, value in schema.items() if key not in _COMPLETENESS}
    if isinstance(kept.get("required"), list):
        kept["required"] = [key for key in kept["required"] if key in _ALWAYS_REQUIRED]
    return kept


def _turn(departure: _Departure) -> int:
    """Unknown keys first: a misspelt key explains why the right one seems to be missing."""
    return {"additionalProperties": 0, "contains": 2, "oneOf": 2}.get(departure.keyword, 1)


def _follows(departure: _Departure, findings: Findings) -> bool:
    """Whether the departure is only the shadow of a mistake inside the same list or mapping."""
    path = departure.path
    if departure.keyword == "contains":
        return any(findings.covers((*path, place)) for place in range(len(departure.found)))
    if departure.keyword == "oneOf":
        return any(findings.covers((*path, key)) for key in ("is", "is_not"))
    return False


def _mistakes(departure: _Departure, findings: Findings) -> Iterator[tuple[Path, str]]:
    path = departure.path
    if departure.found is None:
        yield path, _EMPTY
    elif departure.keyword == "additionalProperties":
        yield from _unknown_keys(departure, findings)
    elif departure.keyword == "required":
        for key in departure.wanted:
            if key not in departure.found:
                yield (*path, key), f"Thiếu khóa “{key}”. Hãy thêm khóa này."
    else:
        yield path, _SENTENCES[departure.keyword](departure)


def _unknown_keys(departure: _Departure, findings: Findings) -> Iterator[tuple[Path, str]]:
    path = departure.path
    known = list(departure.schema.get("properties", ()))
    patterns = list(departure.schema.get("patternProperties", ()))
    for key in departure.found:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        if patterns:
            yield (*path, key), _bad_key(key, patterns[0])
            continue
        free = [name for name in known if name not in departure.found]
        if meant := get_close_matches(key, free, n=1, cutoff=0.7):
            findings.close((*path, meant[0]))
            yield (*path, key), f"Không có khóa “{key}”. Có lẽ là “{meant[0]}”?"
        else:
            message = f"Không có khóa “{_shown(key)}”. Các khóa dùng ở đây: {', '.join(known)}."
            yield (*path, key), message


def _bad_key(key: str, pattern: str) -> str:
    message = f"Khóa “{_shown(key)}” không dùng được: khóa ở đây {_PATTERNS[pattern]}."
    if key.isascii() and " " not in key:
        return message
    return f"{message} Câu chữ có dấu phẩy phải đặt trong dấu nháy kép."


def _type(departure: _Departure) -> str:
    wanted = departure.wanted
    kinds = [wanted] if isinstance(wanted, str) else wanted
    return f"Giá trị ở đây phải là {' hoặc '.join(_TYPES[kind] for kind in kinds)}."


def _enum(departure: _Departure) -> str:
    return f"“{_shown(departure.found)}” không dùng được. Hãy chọn: {', '.join(departure.wanted)}."


def _pattern(departure: _Departure) -> str:
    rule = _PATTERNS[departure.wanted]
    return f"Mã “{_shown(departure.found)}” không hợp lệ: mã {rule}."


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


_SENTENCES: Mapping[str, Callable[[_Departure], str]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "const": lambda d: f"Giá trị ở đây phải là {d.wanted}.",
    "not": lambda _: "Mã “na” dành riêng cho câu trả lời “không áp dụng”. Hãy dùng mã khác.",
    "oneOf": lambda _: "Điều kiện phải có đúng một trong hai khóa “is” và “is_not”.",
    "contains": lambda _: "Danh sách ngôn ngữ phải có “vi” (tiếng Việt).",
    "minLength": lambda _: "Đoạn chữ để trống. Hãy ghi nội dung.",
    "maxLength": lambda d: f"Đoạn chữ quá dài: dài nhất là {d.wanted} ký tự.",
    "minItems": lambda d: f"Danh sách phải có ít nhất {d.wanted} mục.",
    "maxItems": lambda d: f"Danh sách có nhiều nhất {d.wanted} mục.",
    "minimum": lambda d: f"Số nhỏ nhất được dùng ở đây là {d.wanted}.",
    "maximum": lambda d: f"Số lớn nhất được dùng ở đây là {d.wanted}.",
    "exclusiveMinimum": lambda d: f"Số ở đây phải lớn hơn {d.wanted}.",
}
