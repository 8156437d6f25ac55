"""Codes of a draft: checked, made from words, renamed with everything that refers to them."""

import re
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import Any

from survey_app.questionnaire.definition import NOT_APPLICABLE
from survey_app.questionnaire.editing.document import (
    LONGEST_CODE,
    Document,
    placed,
    questions_of,
    sections_of,
    spoken,
)
from survey_app.text import fold

_QUESTIONNAIRE_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_OPTION_CODE = re.compile(r"[a-z0-9][a-z0-9._-]*")
_WORDS_OF_A_CODE = 4
#: What a question is called in its code while it has no words.
BLANK = "cau"


def check_questionnaire_code(code: str) -> str:
    """The code of a whole questionnaire; raises Invalid when it is malformed."""
    rule = "chữ thường không dấu và chữ số, nối bằng gạch ngang, bắt đầu bằng một chữ"
    return _checked(code, _QUESTIONNAIRE_CODE, rule, "như sipas-quay")


def check_code(code: str, taken: Collection[str] = (), field: str = "code") -> str:
    """The code of a section, question or scale; raises Invalid when malformed or taken."""
    rule = "chữ thường không dấu, chữ số, dấu gạch dưới và dấu chấm, bắt đầu bằng một chữ"
    return _checked(code, _CODE, rule, "như tiep_can.bien_hieu", taken, field)


def check_option_code(code: str, taken: Collection[str] = (), field: str = "code") -> str:
    """The code of an option or level; raises Invalid when malformed, reserved or taken."""
    if code == NOT_APPLICABLE:
        raise placed("Mã “na” dành riêng cho câu trả lời “không áp dụng”; chọn mã khác.", field)
    rule = "chữ thường không dấu, chữ số, dấu chấm và dấu gạch"
    return _checked(code, _OPTION_CODE, rule, "như 1 hoặc co_mot_lan", taken, field)


def question_codes(document: Mapping[str, Any]) -> list[str]:
    return [question["code"] for _, question in questions_of(document)]


def code_from_words(words: str, taken: Collection[str], *, prefix: str, fallback: str) -> str:
    """A free code that says what the first words say: "Biển hiệu dễ thấy" → bien_hieu_de_thay."""
    found = re.findall("[a-z0-9]+", fold(words))[:_WORDS_OF_A_CODE]
    stem = "_".join(found) or fallback
    if not prefix and not stem[0].isalpha():
        stem = f"{fallback}_{stem}"
    return free_code(f"{prefix}{stem}", taken)


def free_code(wanted: str, taken: Collection[str]) -> str:
    """``wanted``, or with a number behind it the first that nobody has."""
    wanted = wanted[: LONGEST_CODE - 4].rstrip("._-")
    number, code = 1, wanted
    while code in taken:
        number += 1
        code = f"{wanted}_{number}"
    return code


def free_option_code(taken: Collection[str]) -> str:
    """The next number that no option has."""
    numbers = [int(code) for code in taken if code.isascii() and code.isdecimal()]
    return str(max(numbers, default=len(taken)) + 1)


def rename_question(document: Document, code: str, new: str) -> Document:
    """The question under another code; conditions follow it."""
    if new == code:
        return document
    check_code(new, question_codes(document))
    changed = deepcopy(document)
    for _, question in questions_of(changed):
        if question["code"] == code:
            question["code"] = new
        for condition in question.get("ask_when", []):
            if condition["question"] == code:
                condition["question"] = new
    return changed


def name_by_first_words(before: Document, after: Document, code: str) -> tuple[Document, str]:
    """A question that was blank and has words now gets a code made from them, as if it had been
    added with them; its code otherwise stays. Gives the document with the code."""
    (_, blank), (section, question) = (_found(one, code) for one in (before, after))
    words = spoken(question.get("text"))
    prefix = f"{section['code']}."
    is_unnamed = re.fullmatch(rf"{re.escape(prefix)}{BLANK}(_\d+)?", code)
    if spoken(blank.get("text")) or not words or not is_unnamed:
        return after, code
    taken = [other for other in question_codes(after) if other != code]
    new = code_from_words(words, taken, prefix=prefix, fallback=BLANK)
    return rename_question(after, code, new), new


def _found(document: Document, code: str) -> tuple[Document, Document]:
    return next(pair for pair in questions_of(document) if pair[1]["code"] == code)


def rename_section(document: Document, code: str, new: str) -> Document:
    """The section under another code; its weight follows it."""
    if new == code:
        return document
    check_code(new, [section["code"] for section in sections_of(document)])
    changed = deepcopy(document)
    for section in sections_of(changed):
        if section["code"] == code:
            section["code"] = new
    weights = changed.get("scoring", {}).get("weights", {})
    if code in weights:
        weights[new] = weights.pop(code)
    return changed


def rename_scale(document: Document, code: str, new: str) -> Document:
    """The scale under another code, at the same place; its questions follow it."""
    if new == code:
        return document
    check_code(new, document.get("scales", {}))
    changed = deepcopy(document)
    scales = changed.get("scales", {})
    changed["scales"] = {new if key == code else key: scale for key, scale in scales.items()}
    for _, question in questions_of(changed):
        if question.get("scale") == code:
            question["scale"] = new
    return changed


def rename_choices(
    document: Document, concerns: Callable[[Document], bool], new_codes: Mapping[str, str]
) -> None:
    """In place: what conditions on the questions that ``concerns`` is true of say, by new codes."""
    about = {question["code"] for _, question in questions_of(document) if concerns(question)}
    for _, question in questions_of(document):
        for condition in question.get("ask_when", []):
            if condition["question"] in about:
                key = "is_not" if "is_not" in condition else "is"
                condition[key] = [new_codes.get(code, code) for code in condition[key]]


def _checked(
    code: str,
    pattern: re.Pattern[str],
    rule: str,
    example: str,
    taken: Collection[str] = (),
    field: str = "code",
) -> str:
    if not pattern.fullmatch(code) or len(code) > LONGEST_CODE:
        raise placed(f"Mã chỉ gồm {rule}, dài nhất {LONGEST_CODE} ký tự, {example}.", field)
    if code in taken:
        raise placed(f"Mã “{code}” đã được dùng; chọn mã khác.", field)
    return code
