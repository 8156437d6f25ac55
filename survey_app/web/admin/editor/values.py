"""The fields of the editor's forms as they stand in a draft: their values, and their names.

One reading serves three ends: what a form shows, what has changed under somebody's hands, and the
two columns of the page that shows both.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.errors import NotFound
from survey_app.i18n import vietnamese_name
from survey_app.questionnaire.editing.choices import find_scale
from survey_app.questionnaire.editing.document import Document, sections_of
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.parts import find_question, find_section
from survey_app.reporting.formats import as_written

#: The values of a field: none for an empty tick box, several for several boxes of one name.
Values = dict[str, tuple[str, ...]]

_NUMBERS = ("max_choices", "minimum", "maximum", "max_length")
_LABELS = {
    "code": "Mã",
    "title": "Tên",
    "introduction": "Lời dẫn",
    "thanks": "Lời cảm ơn",
    "text": "Câu chữ",
    "hint": "Gợi ý dưới câu hỏi",
    "label": "Nhãn",
    "kind": "Cách trả lời",
    "role": "Vai trò",
    "scale": "Thang đo",
    "required": "Bắt buộc trả lời",
    "not_applicable": "Câu trả lời “không áp dụng”",
    "factor": "Là một yếu tố",
    "max_choices": "Số ý chọn nhiều nhất",
    "minimum": "Số nhỏ nhất",
    "maximum": "Số lớn nhất",
    "max_length": "Số ký tự nhiều nhất",
    "satisfied": "Các mức tính là hài lòng",
    "version": "Phiên bản của cách tính",
    "item": "Cách tính mỗi tiêu chí",
    "roll_up": "Cách gộp",
    "weight": "Trọng số của",
    "options": "Phương án",
    "levels": "Mức",
    "condition": "Điều kiện",
    "is": "Câu trả lời của điều kiện",
    "negated": "Điều kiện phủ định",
    "new-question": "Câu hỏi mới",
}


def values_of(document: Mapping[str, Any], place: Place) -> Values:
    """The fields of one part; raises NotFound when the draft no longer has it."""
    return _READERS[place.part](document, place.code)


def has_part(document: Mapping[str, Any], place: Place) -> bool:
    """Whether the draft has this part."""
    try:
        values_of(document, place)
    except NotFound:
        return False
    return True


def read_place(written: str) -> Place:
    """The place that ``str(place)`` was written of; raises NotFound for another text."""
    part, _, code = written.partition(":")
    if part not in set(Part):
        raise NotFound("Không có phần này của bản thảo.")
    return Place(Part(part), code)


def field_label(name: str) -> str:
    """What a field is called: "text-en" → "Câu chữ (Tiếng Anh)"."""
    if name in _LABELS:
        return _LABELS[name]
    head, *rest = name.split("-")
    if head in ("options", "levels", "condition") and rest and re.fullmatch("[0-9]{1,4}", rest[0]):
        number, *rest = rest
        inner = field_label("-".join(rest)) if rest else ""
        words = f", {inner[:1].lower()}{inner[1:]}" if inner else ""
        return f"{_LABELS[head]} {int(number) + 1}{words}"
    if head == "weight":
        return f"{_LABELS[head]} {'-'.join(rest)}"
    label = _LABELS.get(head, head)
    return f"{label} ({vietnamese_name(rest[0])})" if rest else label


def _general(document: Mapping[str, Any], _code: str) -> Values:
    found: Values = {"code": (document["code"],)}
    for key in ("title", "introduction", "thanks"):
        found |= _texts(document, document, key)
    return found


def _section(document: Mapping[str, Any], code: str) -> Values:
    section = find_section(document, code)
    found: Values = {"code": (code,), "factor": _flag(section, "factor")}
    for key in ("title", "introduction"):
        found |= _texts(document, section, key)
    return found


def _question(document: Mapping[str, Any], code: str) -> Values:
    _, question = find_question(document, code)
    found: Values = {key: (question.get(key, ""),) for key in ("code", "kind", "role", "scale")}
    found |= {key: _flag(question, key) for key in ("required", "not_applicable")}
    found |= {key: (str(question.get(key, "")),) for key in _NUMBERS}
    for key in ("text", "hint"):
        found |= _texts(document, question, key)
    found |= _choices(document, "options", question.get("options", []))
    for place, condition in enumerate(question.get("ask_when", [])):
        negated = "is_not" in condition
        found[f"condition-{place}-negated"] = ("1" if negated else "0",)
        found[f"condition-{place}-is"] = tuple(condition["is_not" if negated else "is"])
    return found


def _scale(document: Mapping[str, Any], code: str) -> Values:
    scale = find_scale(document, code)
    found: Values = {"code": (code,), "satisfied": tuple(scale.get("satisfied", []))}
    found |= _texts(document, scale, "not_applicable")
    return found | _choices(document, "levels", scale.get("levels", []))


def _scoring(document: Mapping[str, Any], _code: str) -> Values:
    scoring = document.get("scoring", {})
    found: Values = {key: (scoring.get(key, ""),) for key in ("version", "item", "roll_up")}
    for section in sections_of(document):
        if section.get("factor"):
            weight = scoring.get("weights", {}).get(section["code"])
            found[f"weight-{section['code']}"] = ("" if weight is None else as_written(weight),)
    return found


def _choices(document: Mapping[str, Any], name: str, choices: Sequence[Document]) -> Values:
    found: Values = {}
    for place, choice in enumerate(choices):
        found[f"{name}-{place}-code"] = (choice["code"],)
        texts = _texts(document, choice, "label")
        found |= {f"{name}-{place}-{key}": value for key, value in texts.items()}
    return found


def _texts(document: Mapping[str, Any], entry: Mapping[str, Any], key: str) -> Values:
    text = entry.get(key, {})
    return {f"{key}-{code}": (text.get(code, ""),) for code in document["languages"]}


def _flag(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return ("1",) if entry.get(key) else ()


_READERS = {
    Part.GENERAL: _general,
    Part.SECTION: _section,
    Part.QUESTION: _question,
    Part.SCALE: _scale,
    Part.SCORING: _scoring,
}
