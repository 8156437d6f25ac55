"""Two people at one draft: what one typed beside what the other has saved, and nothing lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from survey_app.errors import Conflict
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.questionnaire.definition import QuestionKind, Role
from survey_app.questionnaire.editing.document import Document, sections_of, spoken
from survey_app.questionnaire.editing.mistakes import Place
from survey_app.reporting.wording import ITEM_RULES, ROLL_UPS
from survey_app.web.admin import wording
from survey_app.web.admin.editor.page import frame, part_address, scale_names, shown
from survey_app.web.admin.editor.values import Values, field_label, has_part, values_of
from survey_app.web.transactions import current_session

#: Fields of every form that say nothing about the draft: what a button would act on among them.
_SILENT = ("csrf_token", "revision", "wish", "flags", "condition", "section", "language")

#: Boxes that are ticked or not.
_FLAGS = ("required", "not_applicable", "factor")
#: Fields that hold codes → what each is called.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {kind.value: wording.question_kind(kind) for kind in QuestionKind},
    "role": {role.value: wording.question_role(role) for role in Role},
    "item": {rule.value: words for rule, words in ITEM_RULES.items()},
    "roll_up": {rule.value: words for rule, words in ROLL_UPS.items()},
}


@dataclass(frozen=True)
class Difference:
    """One field that says something else; ``saved`` is None where it is no longer there."""

    label: str
    typed: str
    saved: str | None


def untouched_since(draft: QuestionnaireDraft, place: Place, revision: int) -> bool:
    """Whether the part is as it was when the form was opened: then both changes can stand."""
    before = drafts.document_at_revision(current_session(), draft, revision)
    now = draft.document
    if before is None or not (has_part(before, place) and has_part(now, place)):
        return False
    return values_of(before, place) == values_of(now, place)


def conflict_page(
    draft: QuestionnaireDraft, place: Place, outdated: Conflict
) -> ResponseReturnValue:
    """Both sides; whoever typed may save after all, or leave it at what has been saved."""
    document = draft.document
    is_there = has_part(document, place)
    saved = values_of(document, place) if is_there else {}
    context: dict[str, Any] = {
        "part": "conflict",
        "is_there": is_there,
        "differences": _differences(document, saved),
        "kept": [
            (name, value)
            for name, values in request.form.lists()
            for value in values
            if name not in ("csrf_token", "revision")
        ],
        "saved_address": part_address(draft.id, place),
        **frame(draft, document, place if is_there else None),
    }
    return shown("admin/editor/conflict.html", context, request.path, "", "", outdated)


def _differences(document: Document, saved: Values) -> list[Difference]:
    typed: dict[str, list[str]] = request.form.to_dict(flat=False)
    if "flags" in typed:  # a box without a tick is not sent, and would be saved as such
        typed |= {name: [] for name in saved if name not in typed and _is_box(name)}
    found = []
    for name, values in typed.items():
        is_hidden = name in _SILENT or name.endswith("-was")
        mine = [value.replace("\r\n", "\n").strip() for value in values]
        theirs = [*saved[name]] if name in saved else None
        if not is_hidden and ", ".join(mine) != ", ".join(theirs or []):
            said = None if theirs is None else _said(document, name, theirs)
            found.append(Difference(_label(document, name), _said(document, name, mine), said))
    return found


def _is_box(name: str) -> bool:
    return name in (*_FLAGS, "satisfied") or name.endswith("-is")


def _label(document: Document, name: str) -> str:
    titles = {section["code"]: spoken(section.get("title")) for section in sections_of(document)}
    title = titles.get(name.removeprefix("weight-")) if name.startswith("weight-") else ""
    return f"Trọng số: {title}" if title else field_label(name)


def _said(document: Document, name: str, values: Iterable[str]) -> str:
    """What a field holds, as its page says it: no code where there are words."""
    if name in _FLAGS:
        return "có" if any(values) else "không"
    words = {**_WORDS, "scale": dict(scale_names(document))}.get(name, {})
    return ", ".join(words.get(value, value) for value in values)
