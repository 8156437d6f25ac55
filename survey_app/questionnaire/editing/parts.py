"""Sections and questions of a draft: added, changed, moved, duplicated, removed."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from survey_app.errors import NotFound
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, QuestionKind, Role
from survey_app.questionnaire.editing.codes import (
    BLANK,
    check_code,
    code_from_words,
    free_code,
    question_codes,
)
from survey_app.questionnaire.editing.document import (
    Document,
    clean_text,
    placed,
    questions_of,
    sections_of,
    tidy,
)

MOST_SECTIONS = 100
MOST_QUESTIONS = 200  # in one section

#: The keys that belong to some kinds of question only.
KEYS_OF_KIND: Mapping[str, frozenset[str]] = {
    QuestionKind.SCALE: frozenset({"scale", "not_applicable"}),
    QuestionKind.SINGLE: frozenset({"options", "not_applicable"}),
    QuestionKind.MULTIPLE: frozenset({"options", "max_choices", "not_applicable"}),
    QuestionKind.NUMBER: frozenset({"minimum", "maximum", "not_applicable"}),
    QuestionKind.TEXT: frozenset({"max_length"}),
}
_SPECIAL_KEYS = frozenset[str]().union(*KEYS_OF_KIND.values())


def find_section(document: Mapping[str, Any], code: str) -> Document:
    """Raises NotFound."""
    for section in sections_of(document):
        if section["code"] == code:
            return section
    raise NotFound("Bản thảo không có phần này; có thể phần đã được đổi mã hoặc xóa.")


def find_question(document: Mapping[str, Any], code: str) -> tuple[Document, Document]:
    """The question with its section; raises NotFound."""
    for section, question in questions_of(document):
        if question["code"] == code:
            return section, question
    raise NotFound("Bản thảo không có câu hỏi này; có thể câu hỏi đã được đổi mã hoặc xóa.")


def set_text(entry: Document, key: str, texts: Mapping[str, str]) -> None:
    """In place: the text ``key`` of a part in the given languages; other languages stay."""
    cleaned = {language: clean_text(text) for language, text in texts.items()}
    merged = {**entry.get(key, {}), **cleaned}
    entry[key] = {language: text for language, text in merged.items() if text}


# Sections


def add_section(document: Document, title: str, *, is_factor: bool = False) -> tuple[Document, str]:
    """A new section at the end; its code is made from its title."""
    changed = deepcopy(document)
    sections = changed.setdefault("sections", [])
    if len(sections) >= MOST_SECTIONS:
        raise placed(f"Một bộ câu hỏi có nhiều nhất {MOST_SECTIONS} phần.", "title")
    taken = [section["code"] for section in sections]
    code = code_from_words(title, taken, prefix="", fallback="phan")
    section: Document = {"code": code, "factor": is_factor}
    set_text(section, "title", {PRIMARY_LANGUAGE: title})
    sections.append(section)
    return tidy(changed), code


def set_section(document: Document, code: str, changes: Mapping[str, Any]) -> Document:
    """The section with other entries: texts by language, ``factor``."""
    changed = deepcopy(document)
    _set(find_section(changed, code), changes, {"title", "introduction"})
    return tidy(changed)


def shift_section(document: Document, code: str, by: int) -> Document:
    """The section so many places later (or earlier, below zero), as far as there are places."""
    return place_section(
        document, code, sections_of(document).index(find_section(document, code)) + by
    )


def place_section(document: Document, code: str, place: int) -> Document:
    """The section at a place counted from 0."""
    changed = deepcopy(document)
    section = find_section(changed, code)
    _put(sections_of(changed), section, place)
    return tidy(changed)


def duplicate_section(document: Document, code: str) -> tuple[Document, str]:
    """A copy behind the section, with new codes for it and its questions; conditions among its own
    questions are about the copies."""
    changed = deepcopy(document)
    section = find_section(changed, code)
    copy = deepcopy(section)
    copy["code"] = free_code(code, [other["code"] for other in sections_of(changed)])
    taken = set(question_codes(changed))
    new_codes: dict[str, str] = {}
    for question in copy.get("questions", []):
        new = free_code(question["code"], taken)
        taken.add(new)
        new_codes[question["code"]] = question["code"] = new
    for question in copy.get("questions", []):
        for condition in question.get("ask_when", []):
            asked = condition["question"]
            condition["question"] = new_codes.get(asked, asked)
    sections_of(changed).insert(sections_of(changed).index(section) + 1, copy)
    return tidy(changed), copy["code"]


def remove_section(document: Document, code: str) -> Document:
    """Without the section, its questions, its weight and the conditions about its questions."""
    changed = deepcopy(document)
    section = find_section(changed, code)
    sections_of(changed).remove(section)
    changed.get("scoring", {}).get("weights", {}).pop(code, None)
    _drop_conditions(changed, {question["code"] for question in section.get("questions", [])})
    return tidy(changed)


# Questions


def add_question(
    document: Document, section_code: str, text: str, *, after: str | None = None
) -> tuple[Document, str]:
    """A new question in a section, at its end or behind the question ``after``: a criterion where
    the section is a factor, else a fact to choose from."""
    section = find_section(document, section_code)
    code = code_from_words(
        text, question_codes(document), prefix=f"{section_code}.", fallback=BLANK
    )
    kind, role = (
        (QuestionKind.SCALE, Role.CRITERION)
        if section.get("factor")
        else (QuestionKind.SINGLE, Role.CONTEXT)
    )
    question: Document = {"code": code, "kind": kind.value, "role": role.value}
    set_text(question, "text", {PRIMARY_LANGUAGE: text})
    if kind is QuestionKind.SCALE:
        question["not_applicable"] = True
    _equip(document, question)
    return insert_question(document, section_code, question, after=after), code


def insert_question(
    document: Document, section_code: str, question: Document, *, after: str | None = None
) -> Document:
    """A question that has been made elsewhere; its code must be free."""
    check_code(question["code"], question_codes(document))
    changed = deepcopy(document)
    questions = find_section(changed, section_code).setdefault("questions", [])
    if len(questions) >= MOST_QUESTIONS:
        raise placed(f"Một phần có nhiều nhất {MOST_QUESTIONS} câu hỏi.", "text")
    codes = [other["code"] for other in questions]
    place = codes.index(after) + 1 if after in codes else len(codes)
    questions.insert(place, deepcopy(question))
    return tidy(changed)


def set_question(document: Document, code: str, changes: Mapping[str, Any]) -> Document:
    """The question with other entries: texts by language, everything else as it is to stand.

    Another kind drops what the kind does not have and brings what it cannot do without.
    """
    changed = deepcopy(document)
    _, question = find_question(changed, code)
    _set(question, changes, {"text", "hint"})
    _equip(changed, question)
    return tidy(changed)


def shift_question(document: Document, code: str, by: int) -> Document:
    """The question one place earlier (-1) or later (1), over the border of its section too."""
    section, question = find_question(document, code)
    place = section["questions"].index(question) + by
    if 0 <= place < len(section["questions"]):
        return place_question(document, code, section["code"], place)
    sections = sections_of(document)
    beside = sections.index(section) + by
    if not 0 <= beside < len(sections):
        return document
    neighbour = sections[beside]
    end = len(neighbour.get("questions", [])) if by < 0 else 0
    return place_question(document, code, neighbour["code"], end)


def place_question(document: Document, code: str, section_code: str, place: int) -> Document:
    """The question at a place (counted from 0) of a section, its own or another one."""
    changed = deepcopy(document)
    section, question = find_question(changed, code)
    target = find_section(changed, section_code).setdefault("questions", [])
    if target is not section["questions"]:
        if len(target) >= MOST_QUESTIONS:
            raise placed(f"Một phần có nhiều nhất {MOST_QUESTIONS} câu hỏi.", "section")
        section["questions"].remove(question)
        target.append(question)
    _put(target, question, place)
    return tidy(changed)


def duplicate_question(document: Document, code: str) -> tuple[Document, str]:
    """A copy behind the question, with a new code."""
    section, question = find_question(document, code)
    copy = {**deepcopy(question), "code": free_code(code, question_codes(document))}
    return insert_question(document, section["code"], copy, after=code), copy["code"]


def remove_question(document: Document, code: str) -> Document:
    """Without the question and the conditions about it."""
    changed = deepcopy(document)
    section, question = find_question(changed, code)
    section["questions"].remove(question)
    _drop_conditions(changed, {code})
    return tidy(changed)


def _set(entry: Document, changes: Mapping[str, Any], texts: set[str]) -> None:
    for key, value in changes.items():
        if key in texts:
            set_text(entry, key, value)
        else:
            entry[key] = deepcopy(value)


def _equip(document: Mapping[str, Any], question: Document) -> None:
    kind = question["kind"]
    for key in _SPECIAL_KEYS - KEYS_OF_KIND[kind]:
        question.pop(key, None)
    scales = list(document.get("scales", {}))
    if kind == QuestionKind.SCALE and scales:
        question.setdefault("scale", scales[0])
    if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE) and not question.get("options"):
        question["options"] = [{"code": "1"}, {"code": "2"}]


def _put(entries: list[Document], entry: Document, place: int) -> None:
    entries.remove(entry)
    entries.insert(max(0, place), entry)


def _drop_conditions(document: Document, codes: set[str]) -> None:
    for _, question in questions_of(document):
        conditions = question.get("ask_when", [])
        question["ask_when"] = [c for c in conditions if c["question"] not in codes]
