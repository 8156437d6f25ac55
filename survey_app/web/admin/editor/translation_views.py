"""Translating a draft on one page: every text of it at once, into one language."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid, Problem
from survey_app.i18n import vietnamese_name
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import (
    Edit,
    Outdated,
    QuestionnaireDraft,
    find_draft,
)
from survey_app.questionnaire.editing.document import LONGEST_TEXT, Document
from survey_app.questionnaire.editing.translating import (
    Merge,
    merge_translations,
    set_translations,
)
from survey_app.web.admin import blueprint
from survey_app.web.admin.editor.translation_page import (
    TRANSLATION,
    require_language,
    translation_answer,
    translation_page,
)
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session


@blueprint.get("/drafts/<int:draft_id>/translation/<language>", endpoint="draft_translation")
def show_translation(draft_id: int, language: str) -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    if draft.published_version_id is not None:
        return redirect(url_for("admin.questionnaire", version_id=draft.published_version_id))
    require_language(draft, language)
    return translation_page(draft, language)


@blueprint.post("/drafts/<int:draft_id>/translation/<language>")
def save_translation(draft_id: int, language: str) -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    require_language(draft, language)
    typed = _merged(draft, language)
    try:
        _save(draft, language, typed)
    except Invalid as refusal:
        return translation_page(draft, language, typed=typed, refusal=refusal)
    except Outdated as outdated:
        draft = find_draft(current_session(), draft_id)  # as somebody has saved it just now
        typed = _merged(draft, language)
        return translation_page(draft, language, typed=typed, refusal=outdated)
    return translation_answer(draft, language, _said(typed))


def _merged(draft: QuestionnaireDraft, language: str) -> Merge:
    """What was typed against the draft as it was when the page was opened and as it is now."""
    revision = request.form.get("revision", 0, type=int)
    seen: Document | None = draft.document
    if revision != draft.revision:
        seen = drafts.document_at_revision(current_session(), draft, revision)
    given_up = request.form.getlist("keep")
    typed = {name: text for name, text in request.form.items() if "/" in name}
    for name in given_up:
        typed.pop(name, None)
    return merge_translations(seen, draft.document, language, typed)


def _save(draft: QuestionnaireDraft, language: str, typed: Merge) -> None:
    """All changes as one state. Raises Invalid for texts that are too long, and Outdated, also
    where other texts could be saved: what is on the page is saved together or not at all."""
    too_long = [name for name, text in typed.changes.items() if len(text) > LONGEST_TEXT]
    if too_long:
        message = f"Dài nhất {LONGEST_TEXT} ký tự."
        raise Invalid("Chưa lưu được bản dịch.", [Problem(message, name) for name in too_long])
    if typed.clashes:
        raise Outdated("Có bản dịch vừa được người khác sửa.")

    def change(document: Document) -> Edit:
        changed = set_translations(document, language, typed.changes)
        action = f"Đã lưu {len(typed.changes)} bản dịch {vietnamese_name(language)}"
        return Edit(changed, action, f"{TRANSLATION}{language}")

    how: dict[str, Any] = {"revision": draft.revision, "now": now(), "account": signed_in_account()}
    drafts.edit_draft(current_session(), draft.id, change, **how)


def _said(typed: Merge) -> str:
    if not typed.changes:
        return "Không có bản dịch nào thay đổi."
    said = f"Đã lưu {len(typed.changes)} bản dịch."
    if typed.restated:
        said += (
            f" Câu tiếng Việt ở {len(typed.restated)} chỗ vừa được người khác sửa; vui lòng xem"
            " lại bản dịch ở đó."
        )
    return said
