"""What is shown after an action on a draft."""

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.web.admin.editor.page import editor_page, is_asked_by_script, part_address
from survey_app.web.admin.editor.reading import Edited
from survey_app.web.admin.editor.translation_page import translation_answer


def answer(draft: QuestionnaireDraft, edited: Edited) -> ResponseReturnValue:
    """The part to show next: at once for the script, by a redirect for everybody else."""
    if edited.language:
        return translation_answer(draft, edited.language, edited.told)
    if is_asked_by_script():
        ready: dict[str, Any] = {"focus": edited.focus, "home": edited.home}
        return editor_page(draft, edited.place, said=edited.told, **ready)
    flash(edited.told)
    anchor = edited.focus or "muc"
    return redirect(f"{part_address(draft.id, edited.place)}#{anchor}", 303)
