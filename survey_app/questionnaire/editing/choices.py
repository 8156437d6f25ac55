"""What can be chosen in a draft: options, scales with their levels, conditions; and languages."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from survey_app.errors import NotFound
from survey_app.questionnaire.definition import NOT_APPLICABLE, PRIMARY_LANGUAGE, QuestionKind
from survey_app.questionnaire.editing.codes import (
    check_option_code,
    code_from_words,
    free_code,
    free_option_code,
    rename_choices,
)
from survey_app.questionnaire.editing.document import (
    Document,
    placed,
    questions_of,
    sections_of,
    tidy,
)
from survey_app.questionnaire.editing.parts import find_question, set_text

MOST_OPTIONS = 100
MOST_LEVELS = 11
MOST_CONDITIONS = 20
CHOICE_KINDS = (QuestionKind.SCALE, QuestionKind.SINGLE, QuestionKind.MULTIPLE)


@dataclass(frozen=True)
class ChoiceChange:
    """One option or level as it is to stand; ``was``: its code until now."""

    was: str
    code: str
    label: Mapping[str, str]


# Options of a question


def set_options(document: Document, code: str, wanted: Sequence[ChoiceChange]) -> Document:
    """The options of a question with other labels and codes; conditions follow the codes."""
    changed = deepcopy(document)
    _, question = find_question(changed, code)
    new_codes = _set_choices(question.get("options", []), wanted, "options")
    rename_choices(changed, lambda other: other["code"] == code, new_codes)
    return tidy(changed)


def add_option(document: Document, code: str) -> tuple[Document, str]:
    """One more option, with nothing to read yet."""
    return _changed_options(document, code, lambda options: _add(options, MOST_OPTIONS))


def shift_option(document: Document, code: str, option: str, by: int) -> Document:
    return _changed_options(document, code, lambda options: _shift(options, option, by))[0]


def remove_option(document: Document, code: str, option: str) -> Document:
    """Without the option; conditions no longer name it."""
    changed = _changed_options(document, code, lambda options: _remove(options, option))[0]
    _forget_choice(changed, lambda other: other["code"] == code, option)
    return tidy(changed)


def _changed_options(
    document: Document, code: str, change: Callable[[list[Document]], str]
) -> tuple[Document, str]:
    changed = deepcopy(document)
    _, question = find_question(changed, code)
    about = change(question.setdefault("options", []))
    return tidy(changed), about


# Scales


def find_scale(document: Mapping[str, Any], code: str) -> Document:
    """Raises NotFound."""
    found: Document | None = document.get("scales", {}).get(code)
    if found is None:
        raise NotFound("Bản thảo không có thang đo này; có thể thang đo đã được đổi mã hoặc xóa.")
    return found


def questions_with_scale(document: Mapping[str, Any], code: str) -> list[str]:
    return [q["code"] for _, q in questions_of(document) if q.get("scale") == code]


def add_scale(document: Document, name: str) -> tuple[Document, str]:
    """A new scale of five levels with nothing to read yet."""
    changed = deepcopy(document)
    scales = changed.setdefault("scales", {})
    code = code_from_words(name, scales, prefix="", fallback="thang_do")
    scales[code] = {
        "levels": [{"code": str(number)} for number in range(1, 6)],
        "satisfied": ["4", "5"],
        "not_applicable": {PRIMARY_LANGUAGE: "Không áp dụng/Không có ý kiến"},
    }
    return tidy(changed), code


def duplicate_scale(document: Document, code: str) -> tuple[Document, str]:
    changed = deepcopy(document)
    scales = changed.setdefault("scales", {})
    new = free_code(code, scales)
    scales[new] = deepcopy(find_scale(document, code))
    return tidy(changed), new


def remove_scale(document: Document, code: str) -> Document:
    """Raises Invalid while questions use the scale."""
    used = questions_with_scale(document, code)
    if used:
        raise placed(f"Còn {len(used)} câu hỏi dùng thang đo này; hãy đổi thang trước.", "code")
    find_scale(document, code)
    changed = deepcopy(document)
    del changed["scales"][code]
    return tidy(changed)


def set_scale(
    document: Document,
    code: str,
    wanted: Sequence[ChoiceChange],
    satisfied: Sequence[str],
    not_applicable: Mapping[str, str],
) -> Document:
    """The scale with other labels and codes; ``satisfied``: the levels' codes until now."""
    changed = deepcopy(document)
    scale = find_scale(changed, code)
    new_codes = _set_choices(scale.get("levels", []), wanted, "levels")
    scale["satisfied"] = [new_codes.get(level, level) for level in satisfied]
    set_text(scale, "not_applicable", not_applicable)
    rename_choices(changed, lambda question: question.get("scale") == code, new_codes)
    return tidy(changed)


def add_level(document: Document, code: str) -> tuple[Document, str]:
    return _changed_levels(document, code, lambda levels: _add(levels, MOST_LEVELS))


def shift_level(document: Document, code: str, level: str, by: int) -> Document:
    return _changed_levels(document, code, lambda levels: _shift(levels, level, by))[0]


def remove_level(document: Document, code: str, level: str) -> Document:
    """Without the level; conditions no longer name it."""
    changed = _changed_levels(document, code, lambda levels: _remove(levels, level))[0]
    _forget_choice(changed, lambda question: question.get("scale") == code, level)
    return tidy(changed)


def _changed_levels(
    document: Document, code: str, change: Callable[[list[Document]], str]
) -> tuple[Document, str]:
    changed = deepcopy(document)
    about = change(find_scale(changed, code).setdefault("levels", []))
    return tidy(changed), about


# Conditions


def choices_of(document: Mapping[str, Any], question: Mapping[str, Any]) -> list[Document]:
    """What can be chosen in a question: options or levels, and "does not apply" where offered."""
    found: list[Document] = question.get("options", [])
    if question["kind"] == QuestionKind.SCALE:
        found = document.get("scales", {}).get(question.get("scale"), {}).get("levels", [])
    if question["kind"] in CHOICE_KINDS and question.get("not_applicable"):
        label = {PRIMARY_LANGUAGE: "Không áp dụng"}
        return [*found, {"code": NOT_APPLICABLE, "label": label}]
    return found if question["kind"] in CHOICE_KINDS else []


def questions_before(document: Mapping[str, Any], code: str) -> list[Document]:
    """The questions that a condition of this one may look at: earlier ones to choose in."""
    found: list[Document] = []
    for _, question in questions_of(document):
        if question["code"] == code:
            break
        if question["kind"] in CHOICE_KINDS:
            found.append(question)
    return found


def add_condition(document: Document, code: str, about: str) -> Document:
    """A condition about an earlier question, with nothing ticked yet."""
    changed = deepcopy(document)
    _, question = find_question(changed, code)
    if about not in [other["code"] for other in questions_before(changed, code)]:
        raise placed("Chọn một câu hỏi lựa chọn đứng trước câu này.", "condition")
    conditions = question.setdefault("ask_when", [])
    if len(conditions) >= MOST_CONDITIONS:
        raise placed(f"Một câu có nhiều nhất {MOST_CONDITIONS} điều kiện.", "condition")
    conditions.append({"question": about, "is": []})
    return tidy(changed)


def set_condition(
    document: Document, code: str, place: int, options: Sequence[str], *, negated: bool
) -> Document:
    """The condition at a place (from 0) with other answers; ``negated``: answered otherwise."""
    changed = deepcopy(document)
    _, question = find_question(changed, code)
    conditions = question.get("ask_when", [])
    if not 0 <= place < len(conditions):
        raise NotFound("Câu hỏi không có điều kiện này.")
    about = conditions[place]["question"]
    conditions[place] = {"question": about, "is_not" if negated else "is": list(options)}
    return tidy(changed)


def remove_condition(document: Document, code: str, place: int) -> Document:
    changed = deepcopy(document)
    _, question = find_question(changed, code)
    conditions = question.get("ask_when", [])
    if not 0 <= place < len(conditions):
        raise NotFound("Câu hỏi không có điều kiện này.")
    del conditions[place]
    return tidy(changed)


# Choices, whosever they are


def _set_choices(
    choices: list[Document], wanted: Sequence[ChoiceChange], field: str
) -> dict[str, str]:
    """In place; gives the new codes by the old ones. Whoever is not named stays as it is."""
    by_code = {choice["code"]: choice for choice in choices}
    taken: set[str] = set(by_code) - {change.was for change in wanted}
    new_codes: dict[str, str] = {}
    for place, change in enumerate(wanted):
        choice = by_code.get(change.was)
        if choice is None:
            raise NotFound("Phương án này không còn trong bản thảo.")
        choice["code"] = check_option_code(change.code, taken, f"{field}-{place}-code")
        taken.add(change.code)
        new_codes[change.was] = change.code
        set_text(choice, "label", change.label)
    return new_codes


def _add(choices: list[Document], most: int) -> str:
    if len(choices) >= most:
        raise placed(f"Nhiều nhất {most} mục.", "options")
    code = free_option_code([choice["code"] for choice in choices])
    choices.append({"code": code})
    return code


def _shift(choices: list[Document], code: str, by: int) -> str:
    place = _place(choices, code)
    choice = choices.pop(place)
    choices.insert(max(0, place + by), choice)
    return code


def _remove(choices: list[Document], code: str) -> str:
    choices.pop(_place(choices, code))
    return code


def _place(choices: list[Document], code: str) -> int:
    for place, choice in enumerate(choices):
        if choice["code"] == code:
            return place
    raise NotFound("Phương án này không còn trong bản thảo.")


def _forget_choice(document: Document, concerns: Callable[[Document], bool], choice: str) -> None:
    about = {question["code"] for _, question in questions_of(document) if concerns(question)}
    for _, question in questions_of(document):
        for condition in question.get("ask_when", []):
            if condition["question"] in about:
                key = "is_not" if "is_not" in condition else "is"
                condition[key] = [code for code in condition[key] if code != choice]


# Languages


def add_language(document: Document, language: str) -> Document:
    """Raises Invalid for a malformed code, and for one that is there already."""
    if not (language.isascii() and language.isalpha() and language.islower()) or not (
        2 <= len(language) <= 3
    ):
        raise placed("Mã ngôn ngữ gồm hai hoặc ba chữ thường, như en.", "language")
    if language in document["languages"]:
        raise placed("Bản thảo đã có ngôn ngữ này.", "language")
    changed = deepcopy(document)
    changed["languages"].append(language)
    return tidy(changed)


def remove_language(document: Document, language: str) -> Document:
    """Without the language and every text in it; Vietnamese stays."""
    if language == PRIMARY_LANGUAGE or language not in document["languages"]:
        raise placed("Không bỏ được ngôn ngữ này.", "language")
    changed = deepcopy(document)
    changed["languages"].remove(language)
    for text in texts_of(changed):
        text.pop(language, None)
    return tidy(changed)


def texts_of(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every text that is there, as the mapping of languages it is kept in."""
    entries: list[Mapping[str, Any]] = [document, *sections_of(document)]
    entries += list(document.get("scales", {}).values())
    entries += [question for _, question in questions_of(document)]
    for entry in list(entries):
        entries += entry.get("options", []) + entry.get("levels", [])
    keys = ("title", "introduction", "thanks", "text", "hint", "label", "not_applicable")
    return [entry[key] for entry in entries for key in keys if isinstance(entry.get(key), dict)]


# Scoring


def set_scoring(document: Document, changes: Mapping[str, Any]) -> Document:
    """The way of counting with other entries; ``weights``: factor code → number above zero."""
    weights = changes.get("weights", {})
    for code, weight in weights.items():
        if not 0 < weight <= 1_000_000:
            raise placed("Trọng số là một số lớn hơn 0.", f"weight-{code}")
    changed = deepcopy(document)
    changed["scoring"] = {**changed.get("scoring", {}), **changes}
    return tidy(changed)


def set_general(document: Document, changes: Mapping[str, Any]) -> Document:
    """Title, introduction and thanks by language."""
    changed = deepcopy(document)
    for key in ("title", "introduction", "thanks"):
        if key in changes:
            set_text(changed, key, changes[key])
    return tidy(changed)
