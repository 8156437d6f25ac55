"""Two people at one draft: what one typed beside what the other has saved, and nothing lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from survey_app.errors import Conflict
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.questionnaire.editing.mistakes import Place
from survey_app.web.admin.editor.page import frame, part_address, shown
from survey_app.web.admin.editor.values import Values, field_label, has_part, values_of
from survey_app.web.transactions import current_session

#: Fields of every form that say nothing about the draft: what a button would act on among them.
_SILENT = ("csrf_token", "revision", "wish", "flags", "condition", "section", "language")


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
        "differences": list(_differences(saved)),
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


def _differences(saved: Values) -> list[Difference]:
    typed: Mapping[str, list[str]] = request.form.to_dict(flat=False)
    found = []
    for name, values in typed.items():
        is_hidden = name in _SILENT or name.endswith("-was")
        mine = ", ".join(value.replace("\r\n", "\n").strip() for value in values)
        theirs = ", ".join(saved[name]) if name in saved else None
        if not is_hidden and mine != (theirs or ""):
            found.append(Difference(field_label(name), mine, theirs))
    return found
