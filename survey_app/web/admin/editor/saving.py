"""A form of the editor applied to the draft as it is saved now."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from survey_app.clock import now
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import Edit
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.mistakes import Place
from survey_app.web.admin.editor.addressing import Form
from survey_app.web.admin.editor.reading import Edited, edit
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session


def save_form(draft_id: int, revision: int, place: Place, form: Form, remark: str = "") -> Edited:
    """Apply a form to the draft. Raises Outdated, Invalid, NotFound."""
    return save_edit(draft_id, revision, lambda document: edit(document, place, form), remark)


def save_edit(
    draft_id: int,
    revision: int,
    act: Callable[[Document], Edited],
    remark: str = "",
    state: str = "",
) -> Edited:
    """Keep what ``act`` makes of the draft as a new state. ``remark``: told besides; ``state``:
    what the state is about, if it is no part."""
    found: list[Edited] = []

    def change(document: Document) -> Edit:
        edited = act(document)
        found.append(replace(edited, remark=f"{edited.remark} {remark}".strip()))
        return Edit(edited.document, edited.said.rstrip("."), state or str(edited.place))

    how: dict[str, Any] = {"revision": revision, "now": now(), "account": signed_in_account()}
    drafts.edit_draft(current_session(), draft_id, change, **how)
    return found[0]
