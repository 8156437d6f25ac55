"""A form of the editor applied to the draft as it is saved now."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import g

from survey_app.clock import now
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import Edit
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.mistakes import Place
from survey_app.web.admin.editor.conflicts.addressing import Form
from survey_app.web.admin.editor.reading import Edited, edit
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session

#: Fields that hold words: of a part in its languages, of the page of a translation, to be added.
_WORDS = re.compile(
    r"(.+-)?(title|introduction|thanks|text|hint|label|not_applicable)-[a-z]+"
    r"|[^/]+/.+|new-(question|section|scale)"
)


def keep_words(form: Form) -> None:
    """Should the draft be published or discarded by now, the page that says so shows what was
    typed."""
    sent = [text for name, text in form.items(multi=True) if _WORDS.fullmatch(name)]
    g.kept_texts = tuple(text for text in sent if text.strip())


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
